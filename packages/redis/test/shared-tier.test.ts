import type { PurgeTarget } from "@headgate/cache";
import { NOW, STORE_RULES, sampleEntry, sampleKey } from "@headgate/cache/conformance";
import { openSharedTier, type SharedTier } from "../src/index.ts";
import { RedisServer } from "../src/testing/index.ts";
import { describeWithRedis, openLink, optionsFor } from "./support.ts";
import { eventually, openTier, ready, written } from "./support-tier.ts";

let KEY = sampleKey("/0");
let tests = 0;

async function textsAt({ store }: SharedTier): Promise<string[]> {
  return (await store.get(KEY, Date.now())).map(({ body }) => body.toString());
}

/** An entry that is of use now. */
function entry(text: string, tags: readonly string[] = []): ReturnType<typeof sampleEntry> {
  const now = Date.now();
  return sampleEntry(text, { tags, bornAt: now, receivedAt: now, expiresAt: now + 60_000, keepUntil: now + 60_000 });
}

describeWithRedis("two tiers over a redis-server", () => {
  let server: RedisServer;
  let one: SharedTier;
  let other: SharedTier;
  /** Purges that the other has heard of. */
  let heard: PurgeTarget[] = [];

  beforeAll(async () => {
    server = await RedisServer.start();
  });
  beforeEach(async () => {
    KEY = sampleKey(`/${tests++}`);
    one = openTier([server.url]);
    heard = [];
    other = openTier([server.url], { onPurge: (target) => heard.push(target) });
    await ready(one, other);
  });
  afterEach(async () => {
    await one.store.purge({ kind: "all" }, "hard", Date.now());
    await Promise.all([one.close(), other.close()]);
  });
  afterAll(() => server.stop());

  test.each(STORE_RULES.map(({ name, check }) => [name, check] as const))("keep the rule: %s", (_, check) =>
    check(async () => {
      const tier = openTier([server.url], { prefix: `rule ${Math.random()}:`, now: () => NOW });
      await ready(tier);
      return { store: tier.store, close: () => tier.close() };
    }),
  );

  test("share entries, and their purges by tag", async () => {
    one.store.put(KEY, entry("x", ["red"]), Date.now());
    await written(one);
    expect(await textsAt(other)).toEqual(["x"]);
    expect(other.store.get(KEY, Date.now())).toHaveLength(1);
    expect(await one.store.purge({ kind: "tag", tag: "red" }, "hard", Date.now())).toBe(1);
    await eventually(() => other.store.stats().entries === 0, "the other gateway's memory is purged");
    expect(heard).toEqual([{ kind: "tag", tag: "red" }]);
    expect(await textsAt(other)).toEqual([]);
    expect(other.status()).toMatchObject({ hits: 1, misses: 1, owedPurges: 0 });
  });

  test("take turns, and who waited finds what was fetched", async () => {
    const first = await one.leases.acquire(KEY, 5000);
    const second = await other.leases.acquire(KEY, 5000);
    if (first.kind !== "lead" || second.kind !== "wait") throw new Error(`${first.kind}, ${second.kind}`);
    one.store.put(KEY, entry("fetched"), Date.now());
    first.lease.release();
    await second.wait.ended;
    const found = await other.leases.look(KEY, Date.now());
    expect(found.map(({ body }) => body.toString())).toEqual(["fetched"]);
    const third = await other.leases.acquire(KEY, 5000);
    if (third.kind !== "lead") throw new Error(third.kind);
    expect(third.lease.isLate).toBe(false);
    third.lease.release();
    one.store.put(KEY, entry("again"), Date.now());
    await Promise.all([written(one), written(other)]);
    const fourth = await other.leases.acquire(KEY, 5000);
    expect(fourth).toMatchObject({ kind: "lead", lease: { isLate: true } });
  });

  test("a lease whose gateway is gone ends by itself", async () => {
    await one.leases.acquire(KEY, 300);
    const turn = await other.leases.acquire(KEY, 5000);
    if (turn.kind !== "wait") throw new Error(turn.kind);
    const began = Date.now();
    await turn.wait.ended;
    expect(Date.now() - began).toBeLessThan(2000);
    await eventually(async () => (await other.leases.acquire(KEY, 100)).kind === "lead", "the lease is free");
  });

  test("go on when Redis is killed and comes back empty", async () => {
    const states: string[] = [];
    const third = openTier([server.url], { onState: (state, why) => states.push(`${state} ${why}`.trim()) });
    await ready(third);
    third.store.put(KEY, entry("x"), Date.now());
    await written(third);
    await server.kill();
    await eventually(() => third.status().state === "down" && !third.status().subscribed, "the loss is known");
    expect(third.store.get(KEY, Date.now())).toHaveLength(1);
    expect(await third.leases.acquire(KEY, 100)).toEqual({ kind: "alone" });
    expect(await third.store.purge({ kind: "tag", tag: "none" }, "hard", Date.now())).toBe(0);
    expect(third.status()).toMatchObject({ owedPurges: 1, writable: false });
    await server.start();
    await ready(third, one, other);
    await eventually(() => third.status().owedPurges === 0, "the purge is made up for");
    expect(await textsAt(third)).toEqual([]);
    third.store.put(KEY, entry("y"), Date.now());
    await written(third);
    expect(await textsAt(one)).toEqual(["y"]);
    expect(states[0]).toBe("up");
    expect(states[1]).toMatch(/^down ./);
    expect(states.at(-1)).toBe("up");
    await third.close();
  });

  test("wait for a Redis that hangs no longer than the time-out, and then not at all", async () => {
    const hasty = openTier([server.url], { timeout: 40 });
    await ready(hasty);
    server.signal("SIGSTOP");
    const waits: number[] = [];
    for (let lookups = 0; lookups < 8; lookups++) {
      const began = performance.now();
      await hasty.store.get(sampleKey(`/hanging/${lookups}`), Date.now());
      waits.push(performance.now() - began);
    }
    server.signal("SIGCONT");
    expect(Math.max(...waits)).toBeLessThan(40 + 250);
    expect(waits.slice(5).every((wait) => wait < 20)).toBe(true);
    await ready(hasty);
    await hasty.close();
  });

  test("tell what a full Redis does not take, and still read", async () => {
    const { link, up } = openLink(optionsFor(server.url));
    await up;
    one.store.put(KEY, entry("x"), Date.now());
    await written(one);
    await link.send(["CONFIG", "SET", "maxmemory", "1"]);
    one.store.put(sampleKey("/b"), entry("y"), Date.now());
    await eventually(() => !one.status().writable, "the refusal is known");
    expect(one.status()).toMatchObject({ state: "up", failures: { refused: 1 } });
    expect(await textsAt(other)).toEqual(["x"]);
    expect(one.store.get(sampleKey("/b"), Date.now())).toHaveLength(1);
    await link.send(["CONFIG", "SET", "maxmemory", "0"]);
    await eventually(() => {
      one.store.put(sampleKey("/c"), entry("z"), Date.now());
      return one.status().writable;
    }, "it takes writes again");
    link.close();
  });

  test("know when what they shared was flushed", async () => {
    const short = openTier([server.url], { memoryTtl: 1 });
    const { link, up } = openLink(optionsFor(server.url));
    await Promise.all([ready(short), up]);
    short.store.put(KEY, entry("x"), Date.now());
    await written(short);
    await link.send(["FLUSHALL"]);
    await link.send(["SCRIPT", "FLUSH"]);
    await eventually(async () => (await textsAt(short)).length === 0, "it is gone from memory too");
    short.store.put(KEY, entry("y"), Date.now());
    await written(short);
    expect(await textsAt(other)).toEqual(["y"]);
    link.close();
    await short.close();
  });
});

describeWithRedis("a tier over a redis-server with a password", () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await RedisServer.start({ args: ["--requirepass", "s e:c@ret"] });
  });
  afterAll(() => server.stop());

  test("is connected with it, and without it says why not", async () => {
    const url = server.url.replace("//", `//:${encodeURIComponent("s e:c@ret")}@`);
    const tier = openTier([`${url}/2`]);
    await ready(tier);
    await tier.close();
    const stranger = openTier([server.url]);
    await eventually(() => stranger.status().why?.includes("NOAUTH") === true, "the reason is told");
    await stranger.close();
  });
});

test("a URL that is none is refused, without being shown", () => {
  expect(() => openTier(["redis:secret"])).toThrow(TypeError);
  expect(() => openTier(["http://:secret@h"])).toThrow("expected one such as redis://127.0.0.1:6379");
  expect(() => openTier([])).toThrow("no Redis URL");
  expect(openSharedTier).toBeDefined();
});
