import type { CacheStats } from "../../src/admin/cache-admin.ts";
import { CrewCache } from "../../src/cluster/crew-cache.ts";
import { mergePool } from "../../src/cluster/merge-pool.ts";
import type { Answer } from "../../src/cluster/messages.ts";
import type { PoolGauges } from "../../src/cluster/worker-report.ts";
import type { WorkerSlot } from "../../src/cluster/worker-slot.ts";
import { UserError } from "../../src/errors.ts";
import { aBackend, aPool } from "../admin/fake-control.ts";

const quiet: PoolGauges = {
  ...{ name: "default", active: 0, limit: null, waiting: 0, breaker: null, panic: false, budgetLeft: 0 },
  backends: new Map(),
};

const pool = aPool("default", [aBackend(1), aBackend(2)], { limit: 10, breaker: "closed" });

test("a pool has in flight what its workers have, and the worst of their breakers", () => {
  const merged = mergePool(pool, [
    {
      ...{ ...quiet, active: 3, limit: 5, waiting: 1, breaker: "half-open", budgetLeft: 2 },
      backends: new Map([["127.0.0.1:1", { active: 3, latency: 7 }]]),
    },
    {
      ...{ ...quiet, active: 4, limit: 5, breaker: "closed", panic: true, budgetLeft: 3 },
      backends: new Map([
        ["127.0.0.1:1", { active: 1, latency: 9 }],
        ["127.0.0.1:2", { active: 3, latency: null }],
      ]),
    },
  ]);
  expect(merged).toMatchObject({ active: 7, limit: 10, waiting: 1, breaker: "half-open", panic: true, budgetLeft: 5 });
  expect(merged.backends.map(({ active, latency }) => [active, latency])).toEqual([
    [4, 9],
    [3, null],
  ]);
});

test("a limit that one worker has not is none; before any word the primary's own holds", () => {
  expect(mergePool(pool, [quiet, { ...quiet, limit: 4 }]).limit).toBeNull();
  expect(mergePool(pool, [])).toBe(pool);
});

const stats: CacheStats = {
  ...{ entries: 1, maxEntries: 10, bytes: 100, maxBytes: 1000, evictions: 2, filling: 3, fillingBytes: 4 },
  refreshes: { refreshed: 1, replaced: 2, elsewhere: 0, unstored: 0, failed: 5 },
  redis: null,
};

const redis: NonNullable<CacheStats["redis"]> = {
  ...{ state: "up", why: null, writable: true, subscribed: true, commands: 5, hits: 1, misses: 2, unreadable: 0 },
  ...{ pendingWrites: 0, pendingBytes: 0, droppedWrites: 1, owedPurges: 0 },
  failures: { timeout: 1 },
};

/** A slot as the cache looks at it. */
function slot(cache: CacheStats | null, answer: Answer | Error | null): WorkerSlot {
  const ask = (): Promise<Answer> =>
    answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer as Answer);
  return { isServing: answer !== null, gauges: cache === null ? null : { cache }, ask } as unknown as WorkerSlot;
}

test("the caches of all workers read as one", () => {
  const { redis: none, ...sum } = new CrewCache([slot(stats, null), slot(null, null), slot(stats, null)]).stats();
  expect(none).toBeNull();
  expect(sum).toEqual({
    ...{ entries: 2, maxEntries: 20, bytes: 200, maxBytes: 2000, evictions: 4, filling: 6, fillingBytes: 8 },
    refreshes: { refreshed: 2, replaced: 4, elsewhere: 0, unstored: 0, failed: 10 },
  });
  const down = { ...redis, state: "down", why: "refused", failures: { timeout: 2, down: 1 } } as const;
  const shared = new CrewCache([slot({ ...stats, redis }, null), slot({ ...stats, redis: down }, null)]).stats().redis;
  expect(shared).toMatchObject({ state: "down", why: "refused", commands: 10, failures: { timeout: 3, down: 1 } });
});

test("a purge is one worker's to carry out; where that one ends meanwhile, another's", async () => {
  const purge = (...slots: WorkerSlot[]): Promise<number> => new CrewCache(slots).purge({ kind: "all" }, "hard");
  const ended = slot(null, new Error("it ended"));
  expect(await purge(slot(null, null), ended, slot(null, { kind: "purged", count: 7 }))).toBe(7);
  expect(await purge(slot(null, null), ended)).toBe(0);
  await expect(purge(slot(null, { kind: "refused", message: "no URL" }))).rejects.toThrow(new UserError("no URL"));
  await expect(purge(slot(null, { kind: "failed", message: "a bug" }))).rejects.toThrow("a bug");
});
