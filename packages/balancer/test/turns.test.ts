import { seededRandom } from "@headgate/testing";
import type { AttemptOutcome, Backend, Pool } from "../src/index.ts";
import { RoundRobin } from "../src/policies/round-robin.ts";
import { QUANTUM } from "../src/policies/turns.ts";
import { backendOf, context, id, member, names, options, poolOf, sequence, tally } from "./helpers.ts";

const OK: AttemptOutcome = { latency: 1, failed: false, now: 0 };
const ALL = names(99);
const [A = "", B = "", C = ""] = ALL;

/** Of its backends the first is drawn as the first. */
const CONTEXT = context({ random: () => 0 });

function large(): Pool {
  return poolOf(new RoundRobin(), ALL);
}

/** So many choices, each released at once with a good answer; the ids in order. */
function answered(pool: Pool, count: number, ctx = CONTEXT): string[] {
  return Array.from({ length: count }, () => {
    const backend = backendOf(pool.choose(ctx));
    pool.release(backend, OK);
    return backend.id;
  });
}

/** Each as often as a turn is long. */
function turnsOf(...list: readonly string[]): string[] {
  return list.flatMap((name) => new Array<string>(QUANTUM).fill(name));
}

function choose(pool: Pool): Backend {
  return backendOf(pool.choose(CONTEXT));
}

/** Chooses with so many in flight, which end in a random order; the ids in order. */
function churn(pool: Pool, inFlight: number, count: number): string[] {
  const random = seededRandom(5);
  const running: Backend[] = [];
  return Array.from({ length: count }, () => {
    const backend = choose(pool);
    running.push(backend);
    if (running.length === inFlight) {
      const [ended] = running.splice(Math.floor(random() * running.length), 1);
      if (ended !== undefined) pool.release(ended, OK);
    }
    return backend.id;
  });
}

test("of more than 64, each has one attempt after the other until its turn is over", () => {
  const pool = large();
  expect(answered(pool, 3 * QUANTUM)).toEqual(turnsOf(A, B, C));
  answered(pool, 96 * QUANTUM);
  expect(answered(pool, QUANTUM)).toEqual(turnsOf(A));
});

test("up to 64, and where weights differ, a turn is one attempt", () => {
  expect(answered(poolOf(new RoundRobin(), names(64)), 64)).toEqual(names(64));
  expect(answered(poolOf(new RoundRobin(), names(65)), QUANTUM)).toEqual(turnsOf(A));
  const weighted = poolOf(
    new RoundRobin(),
    ALL.map((name, at) => options(name, { weight: 1 + (at % 2) })),
  );
  expect(new Set(answered(weighted, 99)).size).toBeGreaterThan(49);
});

test("the first turn is drawn, so that workers and gateways do not march in step", () => {
  const starts = [0.2, 0.7].map((point) => answered(large(), 1, context({ random: () => point }))[0]);
  expect(starts).toEqual([ALL[19], ALL[69]]);
});

test("turns go on before others begin: few backends have all that is in flight", () => {
  const used = new Set(churn(large(), 20, 20 * QUANTUM));
  expect(used.size).toBeLessThanOrEqual(20 + 20);
});

test("with attempts that end in any order, all get about the same", () => {
  const counts = [...tally(churn(large(), 20, 99 * QUANTUM * 20)).values()];
  expect(counts).toHaveLength(99);
  expect(Math.max(...counts)).toBeLessThanOrEqual(20 * QUANTUM + 2 * QUANTUM);
  expect(Math.min(...counts)).toBeGreaterThanOrEqual(20 * QUANTUM - 4 * QUANTUM);
});

test("more attempts in flight than backends go to all alike", () => {
  const pool = large();
  for (let at = 0; at < 250; at++) choose(pool);
  expect(new Set(pool.backends.map(({ active }) => active))).toEqual(new Set([2, 3]));
});

test("one with streams that stay open has turns as long as anybody's", () => {
  const pool = large();
  choose(pool);
  answered(pool, 98 * QUANTUM);
  expect(answered(pool, 2 * QUANTUM)).toEqual(turnsOf(A, B));
});

test("one that is too slow for its turn has one attempt more when the next one has come", () => {
  const pool = large();
  const slow = choose(pool);
  answered(pool, 98 * QUANTUM);
  expect(choose(pool)).toBe(slow);
  expect(answered(pool, 1)).toEqual([B]);
  pool.release(slow, OK);
  expect(answered(pool, QUANTUM - 1)).toEqual(turnsOf(A).slice(1));
});

test.each<[string, AttemptOutcome | null]>([
  ["a failure", { latency: 1, failed: true, now: 0 }],
  ["a faster hedge", { latency: 1, failed: false, outrun: true, now: 0 }],
  ["a client that left", null],
])("%s ends the turn, whichever attempt it was", (_, outcome) => {
  const pool = large();
  pool.release(choose(pool), outcome);
  expect(answered(pool, QUANTUM)).toEqual(turnsOf(B));
  // While the turn of C is idle, a session's attempt ends so.
  expect(answered(pool, 1)).toEqual([C]);
  pool.release(backendOf(pool.choose({ ...CONTEXT, pinned: id(C) })), outcome);
  expect(answered(pool, 1)).toEqual([ALL[3]]);
});

test("one that was tried has had its turn", () => {
  const pool = large();
  expect(answered(pool, 1)).toEqual([A]);
  expect(answered(pool, 1, { ...CONTEXT, tried: [id(A)] })).toEqual([B]);
  expect(answered(pool, QUANTUM)).toEqual([...turnsOf(B).slice(1), C]);
});

test("when membership changes turns go on, but for those of backends that are gone", () => {
  const pool = large();
  const [first, second] = [choose(pool), choose(pool)];
  pool.release(first, OK);
  pool.release(second, OK);
  pool.setAvailable(second.id, false);
  expect(answered(pool, QUANTUM)).toEqual([...turnsOf(first.id).slice(1), C]);
  pool.setAvailable(second.id, true);
  expect(answered(pool, QUANTUM)).toEqual([...turnsOf(C).slice(1), ALL[3]]);
});

test("an answer from one that has gone meanwhile does not bring its turn back", () => {
  const pool = large();
  const gone = choose(pool);
  pool.setAvailable(gone.id, false);
  expect(answered(pool, 1)).toEqual([B]);
  pool.release(gone, OK);
  expect(answered(pool, QUANTUM)).toEqual([...turnsOf(B).slice(1), C]);
});

test("when a stream has ended, what comes in its place is in the way of a turn", () => {
  const pool = large();
  const stream = choose(pool);
  answered(pool, 98 * QUANTUM);
  expect(answered(pool, 1)).toEqual([A]);
  pool.release(stream, OK);
  pool.choose({ ...CONTEXT, pinned: id(A) });
  expect(answered(pool, 1)).toEqual([B]);
});

test("sessions that come and go at an idle one leave nothing to look through", () => {
  const pool = large();
  const pinned = { ...CONTEXT, pinned: id(A) };
  expect(answered(pool, 1)).toEqual([A]);
  answered(pool, 1000, pinned);
  pool.choose(pinned);
  let looks = 0;
  let active = 1;
  Object.defineProperty(member(pool, A), "active", {
    get: () => {
      looks += 1;
      return active;
    },
    set: (value: number) => {
      active = value;
    },
  });
  expect(answered(pool, 1)).toEqual([B]);
  expect(looks).toBe(1);
});

test("an attempt of a session neither takes from a turn nor makes two of it", () => {
  const pool = large();
  const pinned = { ...CONTEXT, pinned: id(A) };
  expect(answered(pool, 1)).toEqual([A]);
  answered(pool, 5, pinned);
  const busy = backendOf(pool.choose(pinned));
  // Its turn waits meanwhile, and the next one's is under way.
  expect(answered(pool, 2)).toEqual([B, B]);
  pool.release(busy, OK);
  expect(answered(pool, 2 * QUANTUM - 3)).toEqual([...turnsOf(A).slice(1), ...turnsOf(B).slice(2)]);
});

test("a preview tells whose turn it is, and takes none", () => {
  const pool = large();
  answered(pool, QUANTUM - 1);
  for (const name of [A, B]) {
    const preview = pool.preview({ tried: null, now: 0 });
    expect(preview).toMatchObject({ kind: "settled", choice: { backend: { id: name } } });
    expect(pool.preview({ tried: null, now: 0 })).toEqual(preview);
    expect(answered(pool, 1)).toEqual([name]);
  }
});

test("attempts that nothing is known of are single ones", () => {
  expect(new Set(sequence(large(), 99, CONTEXT)).size).toBe(99);
});
