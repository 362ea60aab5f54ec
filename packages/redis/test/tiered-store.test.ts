import { type CacheKey, MemoryStore, type PurgeTarget, type StoredEntry } from "@headgate/cache";
import { NOW, STORE_RULES, sampleEntry, sampleKey, sampleVariant } from "@headgate/cache/conformance";
import { FakeScheduler } from "@headgate/testing";
import { type OwedPurge, OwedPurges } from "../src/owed-purges.ts";
import { TieredStore } from "../src/tiered-store.ts";
import { Trust } from "../src/trust.ts";
import { WriteQueue } from "../src/write-queue.ts";
import { FakeShared, SharedMemory } from "./fake-shared.ts";
import { settle } from "./fakes.ts";

const TTL = 5000;
const KEY = sampleKey("/a");

interface Gateway {
  readonly store: TieredStore;
  readonly shared: FakeShared;
  readonly memory: MemoryStore;
  readonly trust: Trust;
  readonly queue: WriteQueue;
  readonly owed: OwedPurges;
}

let time = new FakeScheduler(NOW);
let gateways: Gateway[] = [];

/** A gateway over what others share with it; its purges reach the others' memory at once, if these hear. */
function gateway(behind: SharedMemory = new SharedMemory(), maxWrites = 100): Gateway {
  const memory = new MemoryStore({ entries: 10_000, bytes: 100_000_000 });
  const shared = new FakeShared(behind);
  const trust = new Trust(TTL);
  trust.hearsFrom(time.now());
  const queue = new WriteQueue({ maxWrites });
  const owed = new OwedPurges();
  const publish = async ({ target, mode }: OwedPurge): Promise<void> => {
    for (const other of gateways)
      if (other.store !== store && other.trust.isHearing) other.store.purgeHere(target, mode, time.now());
  };
  const { now, schedule } = time;
  const store = new TieredStore({ memory, shared, trust, queue, owed, now, schedule, publish });
  const made = { store, shared, memory, trust, queue, owed };
  gateways.push(made);
  return made;
}

function two(): [Gateway, Gateway] {
  const behind = new SharedMemory();
  return [gateway(behind), gateway(behind)];
}

const texts = (entries: readonly StoredEntry[]): string[] => entries.map(({ body }) => body.toString());
const at = async ({ store }: Gateway, key: CacheKey = KEY): Promise<string[]> =>
  texts(await store.get(key, time.now()));
/** What is given without waiting. */
function atOnce({ store }: Gateway): string[] | "asks" {
  const found = store.get(KEY, time.now());
  return found instanceof Promise ? "asks" : texts(found);
}
const put = ({ store }: Gateway, text: string): boolean => store.put(KEY, sampleEntry(text), time.now());

afterEach(() => {
  for (const { store } of gateways) store.close();
  expect(time.pending).toBe(0);
  time = new FakeScheduler(NOW);
  gateways = [];
});

describe("keeps the rules of every store", () => {
  test.each(STORE_RULES.map(({ name, check }) => [name, check] as const))("%s", (_, check) =>
    check(() => ({ store: gateway().store })),
  );
});

describe("a lookup", () => {
  test("is answered from memory at once, also while the write is still under way", async () => {
    const one = gateway();
    const open = one.shared.hold();
    expect(put(one, "x")).toBe(true);
    expect(atOnce(one)).toEqual(["x"]);
    open();
    await settle();
    expect(atOnce(one)).toEqual(["x"]);
    expect(one.shared.calls).toEqual([`add ${KEY}`]);
  });

  test("finds what another gateway has stored, and then knows it", async () => {
    const [one, other] = two();
    put(one, "x");
    await settle();
    expect(atOnce(other)).toBe("asks");
    await settle();
    expect(atOnce(other)).toEqual(["x"]);
    expect({ hits: other.store.hits, misses: other.store.misses }).toEqual({ hits: 1, misses: 0 });
  });

  test("asks once for all who want the same at the same time", async () => {
    const [one, other] = two();
    put(one, "x");
    await settle();
    expect(await Promise.all([at(other), at(other), at(other)])).toEqual([["x"], ["x"], ["x"]]);
    expect(other.shared.calls).toHaveLength(1);
  });

  test("asks again after the short time whether it is still so, without reading it all", async () => {
    const [one, other] = two();
    put(one, "x");
    await settle();
    await at(other);
    const [held] = other.memory.get(KEY, time.now());
    time.advance(TTL);
    expect(atOnce(other)).toBe("asks");
    await settle();
    expect(other.memory.get(KEY, time.now())[0]).toBe(held);
    expect(atOnce(other)).toEqual(["x"]);
    expect(other.shared.calls).toHaveLength(2);
  });

  test("sees after the short time what others have changed meanwhile, unheard", async () => {
    const [one, other] = two();
    put(one, "old");
    await settle();
    await at(other);
    put(one, "new");
    await settle();
    expect(await at(other)).toEqual(["old"]);
    time.advance(TTL);
    expect(await at(other)).toEqual(["new"]);
    expect(atOnce(other)).toEqual(["new"]);
  });

  test("drops from memory what is no longer shared", async () => {
    const one = gateway();
    put(one, "x");
    await settle();
    await one.shared.purge({ kind: "all" }, "hard", NOW);
    time.advance(TTL);
    expect(await at(one)).toEqual([]);
    expect(one.store.stats().entries).toBe(0);
  });

  test("gives what was put while it asked", async () => {
    const one = gateway();
    const open = one.shared.hold();
    const asked = at(one);
    await settle();
    put(one, "fresh");
    open();
    expect(await asked).toEqual(["fresh"]);
    await settle();
    expect(await at(one)).toEqual(["fresh"]);
  });

  test("that must not be answered from memory alone is not", async () => {
    const [one, other] = two();
    put(one, "old");
    await settle();
    await at(other);
    put(one, "new");
    await settle();
    expect(texts(await other.store.look(KEY, time.now()))).toEqual(["new"]);
    expect(atOnce(other)).toEqual(["new"]);
  });
});

describe("when the shared tier is of no use", () => {
  test("memory answers at once, however old its word is", async () => {
    const one = gateway();
    put(one, "x");
    await settle();
    one.shared.isUsable = false;
    time.advance(TTL * 3);
    expect(atOnce(one)).toEqual(["x"]);
    expect(put(one, "y")).toBe(true);
    expect(atOnce(one)).toEqual(["y"]);
    expect(one.queue.writes).toBe(0);
  });

  test("memory answers where a read fails", async () => {
    const one = gateway();
    put(one, "x");
    await settle();
    one.shared.isFailing = true;
    time.advance(TTL);
    expect(await at(one)).toEqual(["x"]);
  });

  test("what could not be written stays in memory and is used without asking", async () => {
    const one = gateway();
    one.shared.isFailing = true;
    put(one, "x");
    await settle();
    one.shared.isFailing = false;
    time.advance(TTL * 3);
    expect(atOnce(one)).toEqual(["x"]);
  });

  test("what is here alone stays beside what others share", async () => {
    const [one, other] = two();
    const variant = (gate: Gateway, foo: string): unknown => gate.store.put(KEY, sampleVariant(foo, foo), time.now());
    variant(one, "shared");
    await settle();
    await at(other);
    other.shared.isFailing = true;
    variant(other, "own");
    await settle();
    other.shared.isFailing = false;
    time.advance(TTL);
    expect(await at(other)).toEqual(["own", "shared"]);
    expect(atOnce(other)).toEqual(["own", "shared"]);
  });

  test("more writes than may wait are left out, and memory keeps what they were for", async () => {
    const one = gateway(new SharedMemory(), 2);
    const open = one.shared.hold();
    for (const path of ["/1", "/2", "/3", "/4"]) one.store.put(sampleKey(path), sampleEntry(path), time.now());
    expect(one.queue.dropped).toBe(2);
    open();
    await settle();
    time.advance(TTL);
    expect(await at(one, sampleKey("/4"))).toEqual(["/4"]);
    expect(one.shared.calls).toEqual([`add ${sampleKey("/1")}`, `add ${sampleKey("/2")}`]);
  });
});

describe("a purge", () => {
  const ALL: PurgeTarget = { kind: "all" };

  test("reaches the memory of others", async () => {
    const [one, other] = two();
    put(one, "x");
    await settle();
    await at(other);
    expect(await one.store.purge(ALL, "hard", time.now())).toBe(1);
    expect(await at(other)).toEqual([]);
    expect(other.memory.stats().entries).toBe(0);
  });

  test("that is soft makes stale everywhere", async () => {
    const [one, other] = two();
    put(one, "x");
    await settle();
    await at(other);
    time.advance(1);
    await one.store.purge(ALL, "soft", time.now());
    for (const { store } of [one, other]) {
      const [entry] = await store.get(KEY, time.now());
      expect(entry?.expiresAt).toBe(NOW + 1);
    }
  });

  test("waits for the writes before it, so that none of them comes after it", async () => {
    const one = gateway();
    const open = one.shared.hold();
    put(one, "x");
    const purged = one.store.purge(ALL, "hard", time.now());
    expect(atOnce(one)).toBe("asks");
    await settle();
    open();
    expect(await purged).toBe(1);
    expect(await at(one)).toEqual([]);
    expect(one.shared.calls.filter((call) => !call.startsWith("read"))).toEqual([`add ${KEY}`, "purge all"]);
  });

  test("is not undone by what was read before it", async () => {
    const [one, other] = two();
    put(one, "x");
    await settle();
    const open = other.shared.hold();
    const asked = at(other);
    await settle();
    other.store.purgeHere(ALL, "hard", time.now());
    open();
    expect(await asked).toEqual(["x"]);
    expect(other.memory.stats().entries).toBe(0);
  });

  test("that was missed is made up for once purges are heard of again", async () => {
    const [one, other] = two();
    put(one, "x");
    await settle();
    await at(other);
    other.trust.isDeaf();
    await one.store.purge(ALL, "hard", time.now());
    expect(await at(other)).toEqual(["x"]);
    other.trust.hearsFrom(time.now() + 1);
    expect(await at(other)).toEqual([]);
  });

  test("while the shared tier is away is owed; nothing it means is seen, and later it is carried out and told", async () => {
    const [one, other] = two();
    put(one, "x");
    await settle();
    await at(other);
    one.shared.isFailing = true;
    expect(await one.store.purge({ kind: "url", key: KEY }, "hard", time.now())).toBe(1);
    expect(one.owed.size).toBe(1);
    one.shared.isFailing = false;
    expect(await at(one)).toEqual([]);
    expect(one.memory.stats().entries).toBe(0);
    expect(await at(other)).toEqual(["x"]);
    await time.advanceAsync(1000);
    expect(one.owed.size).toBe(0);
    expect(await at(other)).toEqual([]);
  });

  test("is tried again at once when the shared tier is back, and not before", async () => {
    const one = gateway();
    put(one, "x");
    await settle();
    one.shared.isUsable = false;
    await one.store.purge(ALL, "hard", time.now());
    const calls = one.shared.calls.length;
    await time.advanceAsync(5000);
    expect(one.shared.calls).toHaveLength(calls);
    one.shared.isUsable = true;
    await Promise.all([one.store.settle(), one.store.settle()]);
    expect(one.owed.size).toBe(0);
    expect(one.shared.calls.slice(calls)).toEqual(["purge all"]);
  });
});

describe("replacing and removing", () => {
  test("reaches the other gateway", async () => {
    const [one, other] = two();
    const previous = sampleEntry("old");
    one.store.put(KEY, previous, time.now());
    await settle();
    await at(other);
    const next = sampleEntry("new");
    expect(one.store.replace(KEY, previous, next)).toBe(true);
    await settle();
    time.advance(TTL);
    expect(await at(other)).toEqual(["new"]);
    expect(one.store.remove(KEY, next)).toBe(true);
    await settle();
    time.advance(TTL);
    expect(await at(other)).toEqual([]);
  });

  test("of what memory no longer has is told by the shared tier", async () => {
    const [one, other] = two();
    const entry = sampleEntry("x");
    one.store.put(KEY, entry, time.now());
    await settle();
    expect(await other.store.replace(KEY, entry, sampleEntry("y"))).toBe(true);
    expect(await other.store.remove(KEY, sampleEntry("y"))).toBe(true);
    expect(await other.store.remove(KEY, entry)).toBe(false);
    other.shared.isFailing = true;
    expect(await other.store.replace(KEY, entry, entry)).toBe(false);
    expect(await other.store.remove(KEY, entry)).toBe(false);
    other.shared.isUsable = false;
    expect([other.store.replace(KEY, entry, entry), other.store.remove(KEY, entry)]).toEqual([false, false]);
  });
});
