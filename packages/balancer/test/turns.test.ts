import { seededRandom } from "@headgate/testing";
import type { Backend, Pool } from "../src/index.ts";
import { RoundRobin } from "../src/policies/round-robin.ts";
import { QUANTUM } from "../src/policies/turns.ts";
import { backendOf, context, id, member, names, options, poolOf, sequence, tally } from "./helpers.ts";

const OK = { latency: 1, failed: false, now: 0 };
const FAILED = { latency: 1, failed: true, now: 0 };
const ALL = names(100);

/** The first `count` backends, each as often as a turn is long. */
function turnsOf(list: readonly string[]): string[] {
  return list.flatMap((name) => new Array<string>(QUANTUM).fill(name));
}

function choose(pool: Pool): Backend {
  return backendOf(pool.choose(context()));
}

/** Keeps up to `most` attempts in flight, which end in a random order. */
function churn(pool: Pool, most: number, count: number, seen: (backend: Backend) => void): void {
  const random = seededRandom(5);
  const running: Backend[] = [];
  for (let at = 0; at < count; at++) {
    const backend = choose(pool);
    seen(backend);
    running.push(backend);
    if (running.length < most) continue;
    const [ended] = running.splice(Math.floor(random() * running.length), 1);
    if (ended !== undefined) pool.release(ended, OK);
  }
}

test("of more than 64, each has one attempt after the other until its turn is over", () => {
  const pool = poolOf(new RoundRobin(), ALL);
  expect(sequence(pool, 3 * QUANTUM)).toEqual(turnsOf(ALL.slice(0, 3)));
  sequence(pool, 97 * QUANTUM);
  expect(sequence(pool, QUANTUM)).toEqual(turnsOf(ALL.slice(0, 1)));
});

test("up to 64, a turn is one attempt", () => {
  expect(sequence(poolOf(new RoundRobin(), names(64)), 64)).toEqual(names(64));
  expect(sequence(poolOf(new RoundRobin(), names(65)), 65)).toEqual(turnsOf(names(65)).slice(0, 65));
});

test("where weights differ, heavy ones have more turns, as long as anybody's", () => {
  const weights = ALL.map((_, at) => 1 + (at % 3));
  const pool = poolOf(
    new RoundRobin(),
    ALL.map((name, at) => options(name, { weight: weights[at] ?? 1 })),
  );
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const got = sequence(pool, total * QUANTUM);
  for (let at = 0; at < got.length; at += QUANTUM) expect(new Set(got.slice(at, at + QUANTUM)).size).toBe(1);
  const counts = tally(got);
  expect(ALL.map((name) => counts.get(name))).toEqual(weights.map((weight) => weight * QUANTUM));
});

test("no backend gets a second attempt at a time while others have none", () => {
  const pool = poolOf(new RoundRobin(), ALL);
  churn(pool, 60, 20_000, (backend) => expect(backend.active).toBe(1));
});

test("with attempts that end in any order, shares differ by no more than a turn", () => {
  const pool = poolOf(new RoundRobin(), ALL);
  const got: string[] = [];
  churn(pool, 20, 100 * QUANTUM * 5, ({ id: each }) => got.push(each));
  const counts = [...tally(got).values()];
  expect(counts).toHaveLength(100);
  expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(2 * QUANTUM);
});

test("more attempts in flight than backends go to all alike", () => {
  const pool = poolOf(new RoundRobin(), ALL);
  for (let at = 0; at < 250; at++) choose(pool);
  expect(pool.backends.map(({ active }) => active).every((active) => active === 2 || active === 3)).toBe(true);
});

test("a failure ends the turn", () => {
  const pool = poolOf(new RoundRobin(), ALL);
  const first = choose(pool);
  pool.release(first, FAILED);
  expect(sequence(pool, QUANTUM)).toEqual(turnsOf(ALL.slice(1, 2)));
});

test("one that was tried, or is full, has had its turn", () => {
  const pool = poolOf(new RoundRobin(), ALL);
  expect(sequence(pool, 1)).toEqual([ALL[0]]);
  expect(sequence(pool, 1, context({ tried: [id(ALL[0] ?? "")] }))).toEqual([ALL[1]]);
  pool.add(options(ALL[1] ?? "", { maxActive: 0 }));
  expect(sequence(pool, QUANTUM)).toEqual(turnsOf(ALL.slice(2, 3)));
});

test("one that is still busy when its next turn comes is passed over", () => {
  const pool = poolOf(new RoundRobin(), ALL);
  const slow = choose(pool);
  expect(sequence(pool, 99 * QUANTUM)).toEqual(turnsOf(ALL.slice(1)));
  expect(sequence(pool, QUANTUM)).toEqual(turnsOf(ALL.slice(1, 2)));
  pool.release(slow, OK);
  expect(sequence(pool, QUANTUM - 1)).toEqual(turnsOf(ALL.slice(0, 1)).slice(1));
});

test("when membership changes turns go on, but for those of backends that are gone", () => {
  const pool = poolOf(new RoundRobin(), ALL);
  const [first, second] = [choose(pool), choose(pool)];
  pool.release(first, OK);
  pool.release(second, OK);
  pool.setAvailable(second.id, false);
  expect(sequence(pool, QUANTUM)).toEqual([...turnsOf([first.id]).slice(1), ALL[2]]);
  pool.setAvailable(second.id, true);
  expect(sequence(pool, QUANTUM - 1)).toEqual(turnsOf([ALL[2] ?? ""]).slice(1));
});

test("an attempt of a session neither takes from a turn nor makes two of it", () => {
  const pool = poolOf(new RoundRobin(), ALL);
  expect(sequence(pool, 1)).toEqual([ALL[0]]);
  const pinned = context({ pinned: id(ALL[0] ?? "") });
  sequence(pool, 5, pinned);
  const busy = backendOf(pool.choose(pinned));
  // Its turn waits meanwhile, and the next one's is under way.
  expect(sequence(pool, 2)).toEqual([ALL[1], ALL[1]]);
  pool.release(busy, OK);
  expect(sequence(pool, 2 * QUANTUM - 3)).toEqual([
    ...turnsOf(ALL.slice(0, 1)).slice(1),
    ...turnsOf(ALL.slice(1, 2)).slice(2),
  ]);
  expect(member(pool, ALL[0] ?? "").active).toBe(0);
});

test("a preview tells whose turn it is, and takes none", () => {
  const pool = poolOf(new RoundRobin(), ALL);
  sequence(pool, QUANTUM - 1);
  for (const name of [ALL[0], ALL[1]]) {
    const preview = pool.preview({ tried: null, now: 0 });
    expect(preview).toMatchObject({ kind: "settled", choice: { backend: { id: name } } });
    expect(pool.preview({ tried: null, now: 0 })).toEqual(preview);
    expect(sequence(pool, 1)).toEqual([name]);
  }
});
