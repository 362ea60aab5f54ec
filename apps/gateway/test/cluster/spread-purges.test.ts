import { type CacheKey, MemoryStore, type PurgeTarget, type StoredEntry } from "@headgate/cache";
import type { SharedCache } from "../../src/caching/shared-cache.ts";
import type { Purge } from "../../src/cluster/messages.ts";
import { PurgeSpreader } from "../../src/cluster/spread-purges.ts";

const KEY = "GET http://h/a" as CacheKey;
const url = (key: string): PurgeTarget => ({ kind: "url", key: key as CacheKey });

function bench() {
  const asked: Purge[][] = [];
  const due: (() => void)[] = [];
  const spreader = new PurgeSpreader({
    ask: (purges) => {
      asked.push([...purges]);
      return Promise.resolve(purges.map((_, index) => 10 + index));
    },
    soon: (task) => due.push(task),
    now: () => 5000,
  });
  const memory = new MemoryStore({ entries: 10, bytes: 1e6, seed: 1 });
  const kept: PurgeTarget[] = [];
  const parts = { memory, onPurge: (target: PurgeTarget) => void kept.push(target) };
  const turn = (): void => {
    for (const task of due.splice(0)) task();
  };
  return { spreader, asked, turn, memory, parts, kept };
}

test("purges of one turn go together, and each resolves to what it met here and elsewhere", async () => {
  const { spreader, asked, turn, parts } = bench();
  const { store } = spreader.share(null)(parts);
  const met = [store.purge(url("a"), "hard", 1), store.purge({ kind: "all" }, "soft", 1)];
  expect(asked).toEqual([]);
  turn();
  expect(asked).toEqual([
    [
      { target: url("a"), mode: "hard" },
      { target: { kind: "all" }, mode: "soft" },
    ],
  ]);
  expect(await Promise.all(met)).toEqual([10, 11]);
  void store.purge(url("b"), "hard", 1);
  turn();
  expect(asked).toHaveLength(2);
});

test("more than a message holds go in several, each answered by its own", async () => {
  const { spreader, asked, turn, parts } = bench();
  const { store } = spreader.share(null)(parts);
  const met = Array.from({ length: 300 }, () => store.purge(url("a"), "hard", 1));
  turn();
  expect(asked.map(({ length }) => length)).toEqual([256, 44]);
  const counts = await Promise.all(met);
  expect([counts[0], counts[255], counts[256]]).toEqual([10, 265, 10]);
});

test("what others purged leaves memory alone to answer, keeps out what is under way, and goes no further", async () => {
  const { spreader, asked, turn, parts, kept, memory } = bench();
  spreader.share(null)(parts);
  memory.purge = (target, mode, now) => {
    expect({ target, mode, now }).toEqual({ target: url("a"), mode: "soft", now: 5000 });
    return 3;
  };
  expect(await spreader.heard([{ target: url("a"), mode: "soft" }])).toEqual([3]);
  expect(kept).toEqual([url("a")]);
  turn();
  expect(asked).toEqual([]);
});

test("before there is a cache nothing is met", async () => {
  expect(await bench().spreader.heard([{ target: { kind: "all" }, mode: "hard" }])).toEqual([0]);
});

test("over a cache that gateways share, all but purges goes there", async () => {
  const { spreader, turn, parts, memory } = bench();
  const calls: string[] = [];
  const inner = new Proxy(memory, {
    get:
      (_, name) =>
      (...args: unknown[]) => {
        calls.push(`${String(name)} ${args.length}`);
        return name === "purge" ? 1 : undefined;
      },
  });
  const shared: SharedCache = { store: inner, leases: null, status: () => null, close: async () => undefined };
  const { store, leases, status } = spreader.share(() => shared)(parts);
  const entry = {} as StoredEntry;
  void store.get(KEY, 1);
  void store.peek(KEY, 1);
  void store.put(KEY, entry, 1);
  void store.replace(KEY, entry, entry);
  void store.remove(KEY, entry);
  void store.sweep(1);
  void store.stats();
  const met = store.purge({ kind: "all" }, "hard", 1);
  turn();
  expect(await met).toBe(11);
  expect(calls).toEqual(["get 2", "peek 2", "put 3", "replace 3", "remove 2", "sweep 1", "stats 0", "purge 3"]);
  expect([leases, status()]).toEqual([null, null]);
});
