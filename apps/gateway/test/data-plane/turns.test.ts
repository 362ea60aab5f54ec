import type { CacheKey, LeaseStore, LeaseTurn, StoredEntry } from "@headgate/cache";
import { CacheStage, type Client, settle } from "./support/cache-stage.ts";
import { virtualTimers } from "./support/virtual-timers.ts";

virtualTimers();

const FRESH = ["Cache-Control", "max-age=60"];

/** The other gateways, played by the test: who holds the lease, and what has come into the store. */
class OtherGateways implements LeaseStore {
  /** What the next that ask are told. */
  turns: ("lead" | "late" | "wait" | "alone")[] = [];
  stored: readonly StoredEntry[] = [];
  readonly asked: CacheKey[] = [];
  released = 0;
  looks = 0;
  stopped = 0;
  /** Nobody is told whose turn it is before this. */
  answered: Promise<void> = Promise.resolve();
  readonly #waits: (() => void)[] = [];

  async acquire(key: CacheKey): Promise<LeaseTurn> {
    this.asked.push(key);
    await this.answered;
    const kind = this.turns.shift() ?? "lead";
    if (kind === "alone") return { kind };
    if (kind === "wait") return { kind, wait: this.#wait() };
    return { kind: "lead", lease: { isLate: kind === "late", release: () => this.released++ } };
  }

  async look(): Promise<readonly StoredEntry[]> {
    this.looks++;
    return this.stored;
  }

  /** The other's lease ends. */
  end(): void {
    for (const end of this.#waits.splice(0)) end();
  }

  #wait() {
    let end: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    this.#waits.push(end);
    const stop = (): void => {
      this.stopped++;
      end();
    };
    return { ended, stop };
  }
}

function setUp(...turns: OtherGateways["turns"]): { stage: CacheStage; others: OtherGateways } {
  const others = new OtherGateways();
  others.turns = turns;
  return { stage: new CacheStage({ leases: others }), others };
}

/** What another gateway has stored for /a. */
async function entryOf(text: string): Promise<readonly StoredEntry[]> {
  const stage = new CacheStage();
  await stage.ask("/a", {}, [200, FRESH, text]);
  const [key] = await keyOf();
  return stage.memory.get(key, stage.clock.now());
}

async function keyOf(): Promise<[CacheKey]> {
  const { stage, others } = setUp();
  await stage.ask("/a");
  const [key] = others.asked;
  if (key === undefined) throw new Error("a miss takes turns");
  return [key];
}

async function crowd(stage: CacheStage, size: number): Promise<Client[]> {
  const clients = Array.from({ length: size }, () => stage.send("/a"));
  await settle();
  return clients;
}

const done = (clients: readonly Client[]): Promise<unknown> => Promise.all(clients.map((client) => client.done));

test("who leads goes upstream, and hands the lease back once the response is stored", async () => {
  const { stage, others } = setUp("lead");
  const clients = await crowd(stage, 5);
  expect({ upstream: stage.upstream.length, asked: others.asked.length }).toEqual({ upstream: 1, asked: 1 });
  stage.last.reply(200, FRESH);
  await settle();
  stage.last.body?.push("page");
  expect(others.released).toBe(0);
  stage.last.body?.end();
  await done(clients);
  expect(clients.map(({ text }) => text)).toEqual(Array(5).fill("page"));
  expect({ released: others.released > 0, entries: stage.memory.stats().entries }).toEqual({
    released: true,
    entries: 1,
  });
  expect((await stage.ask("/a")).told).toBe("HIT page");
  expect(others.asked).toHaveLength(1);
});

test("who waits is answered by what another gateway has fetched, with all who wait here", async () => {
  const stored = await entryOf("theirs");
  const { stage, others } = setUp("wait");
  const clients = await crowd(stage, 5);
  expect(stage.upstream).toHaveLength(0);
  others.stored = stored;
  others.end();
  await done(clients);
  expect(clients.map(({ told }) => told)).toEqual(Array(5).fill("MISS theirs"));
  expect(clients.map((client) => client.field("cache-status"))).toEqual(
    Array(5).fill("headgate; fwd=uri-miss; ttl=60; collapsed"),
  );
  expect({ upstream: stage.upstream.length, pending: stage.store.pending }).toEqual({ upstream: 0, pending: 0 });
});

test("who waited in vain goes upstream without asking again", async () => {
  const { stage, others } = setUp("wait");
  const clients = await crowd(stage, 3);
  others.end();
  await settle();
  expect({ upstream: stage.upstream.length, asked: others.asked.length }).toEqual({ upstream: 1, asked: 1 });
  stage.last.reply(200, FRESH, "page");
  await done(clients);
  expect(clients.map(({ text }) => text)).toEqual(Array(3).fill("page"));
});

test("who gets the lease too late looks before going", async () => {
  const stored = await entryOf("theirs");
  const { stage, others } = setUp("late", "late");
  others.stored = stored;
  const [client] = await crowd(stage, 1);
  await client?.done;
  expect({ told: client?.told, released: others.released > 0, looks: others.looks }).toEqual({
    told: "MISS theirs",
    released: true,
    looks: 1,
  });
  others.stored = [];
  const [next] = await crowd(stage, 1);
  stage.last.reply(200, FRESH, "page");
  await next?.done;
  expect(next?.told).toBe("MISS page");
});

test("where nobody knows whose turn it is, all go", async () => {
  const { stage, others } = setUp("alone");
  const clients = await crowd(stage, 2);
  stage.last.reply(200, FRESH, "page");
  await done(clients);
  expect({ upstream: stage.upstream.length, looks: others.looks }).toEqual({ upstream: 1, looks: 0 });
});

test.each<[string, (stage: CacheStage) => void]>([
  ["is for one client alone", (stage) => stage.last.reply(200, ["Cache-Control", "private"], "x")],
  ["never comes", (stage) => stage.last.fail(new Error("refused"))],
])("a response that %s ends the lease", async (_, answer) => {
  const { stage, others } = setUp("lead");
  const clients = await crowd(stage, 1);
  answer(stage);
  await done(clients);
  await settle();
  expect(others.released).toBeGreaterThan(0);
});

test("when all who wait have left, nothing is fetched and nothing waits", async () => {
  const { stage, others } = setUp("wait");
  const clients = await crowd(stage, 2);
  for (const client of clients) client.leave();
  await settle();
  expect({ upstream: stage.upstream.length, stopped: others.stopped, pending: stage.store.pending }).toEqual({
    upstream: 0,
    stopped: 1,
    pending: 0,
  });
});

test.each(["lead", "wait"] as const)(
  "who left while it was asked whose turn it is (%s) leaves nothing",
  async (turn) => {
    const { stage, others } = setUp(turn);
    const { promise, resolve } = Promise.withResolvers<void>();
    others.answered = promise;
    stage.send("/a").leave();
    await settle();
    resolve();
    await settle();
    expect({ upstream: stage.upstream.length, pending: stage.store.pending }).toEqual({ upstream: 0, pending: 0 });
    expect(others.released + others.stopped).toBe(1);
  },
);

test("a purge ends the lease: who comes then must not wait for what it has met", async () => {
  const { stage, others } = setUp("lead", "lead");
  const [before] = await crowd(stage, 1);
  stage.store.keepOut({ kind: "all" });
  expect(others.released).toBe(1);
  const [after] = await crowd(stage, 1);
  expect(stage.upstream).toHaveLength(2);
  stage.upstream[0]?.reply(200, FRESH, "old");
  stage.upstream[1]?.reply(200, FRESH, "new");
  await done([before, after].filter((client) => client !== undefined));
  expect((await stage.ask("/a")).told).toBe("HIT new");
});

test("requests that nobody may join take no turns", async () => {
  const { stage, others } = setUp();
  const client = stage.send("/a", { fields: ["Cache-Control", "no-cache"] });
  await settle();
  stage.last.reply(200, FRESH, "x");
  await client.done;
  expect(others.asked).toEqual([]);
});

test("in the background it is left to another gateway that is at it", async () => {
  const { stage, others } = setUp("lead", "wait", "lead");
  const stale = ["Cache-Control", "max-age=1, stale-while-revalidate=60", "ETag", '"1"'];
  await stage.ask("/a", {}, [200, stale, "old"]);
  stage.clock.advance(5000);
  const [first] = await crowd(stage, 1);
  await first?.done;
  expect({ told: first?.told, upstream: stage.upstream.length, stopped: others.stopped }).toEqual({
    told: "STALE old",
    upstream: 1,
    stopped: 1,
  });
  expect(stage.refreshes.counts).toMatchObject({ elsewhere: 1, failed: 0 });
  const [second] = await crowd(stage, 1);
  await second?.done;
  expect(stage.upstream).toHaveLength(2);
  stage.last.reply(200, FRESH, "new");
  await settle();
  expect((await stage.ask("/a")).told).toBe("HIT new");
});
