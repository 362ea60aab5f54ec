import type { CacheAdmin, CacheStats, PurgeMode, PurgeSelector } from "../admin/cache-admin.ts";
import type { SharedCacheStatus } from "../caching/shared-cache.ts";
import { askOne } from "./ask-one.ts";
import type { Purge } from "./messages.ts";
import type { WorkerSlot } from "./worker-slot.ts";

const EMPTY: CacheStats = {
  ...{ entries: 0, maxEntries: 0, bytes: 0, maxBytes: 0 },
  ...{ evictions: 0, filling: 0, fillingBytes: 0, redis: null },
  refreshes: { refreshed: 0, replaced: 0, elsewhere: 0, unstored: 0, failed: 0 },
};

/** The caches of all workers, as the admin API sees them: one. */
export class CrewCache implements CacheAdmin {
  readonly #slots: readonly WorkerSlot[];

  constructor(slots: readonly WorkerSlot[]) {
    this.#slots = slots;
  }

  stats(): CacheStats {
    return this.#slots.flatMap(({ gauges }) => gauges?.cache ?? []).reduce(addStats, EMPTY);
  }

  /** One worker carries it out and has it carried on, by which it reaches all. */
  async purge(selector: PurgeSelector, mode: PurgeMode): Promise<number> {
    const answer = await askOne(this.#slots, { kind: "purge", selector, mode });
    // Where nobody is up, nothing is stored.
    return answer?.kind === "purged" ? answer.count : 0;
  }

  /** Carries one worker's purges to the others; resolves to how many entries each met there. */
  async spread(purges: readonly Purge[], from: WorkerSlot): Promise<number[]> {
    const others = this.#slots.filter((slot) => slot !== from);
    const met = await Promise.all(others.map((slot) => slot.purges(purges)));
    return purges.map((_, index) => met.reduce((sum, counts) => sum + (counts[index] ?? 0), 0));
  }
}

function addStats(sum: CacheStats, more: CacheStats): CacheStats {
  return {
    entries: sum.entries + more.entries,
    maxEntries: sum.maxEntries + more.maxEntries,
    bytes: sum.bytes + more.bytes,
    maxBytes: sum.maxBytes + more.maxBytes,
    evictions: sum.evictions + more.evictions,
    filling: sum.filling + more.filling,
    fillingBytes: sum.fillingBytes + more.fillingBytes,
    refreshes: addEach(sum.refreshes, more.refreshes),
    redis: sum.redis === null || more.redis === null ? (sum.redis ?? more.redis) : addShared(sum.redis, more.redis),
  };
}

function addEach<K extends string>(a: Readonly<Record<K, number>>, b: Readonly<Record<K, number>>): Record<K, number> {
  const sum: Record<K, number> = { ...a };
  for (const name of Object.keys(b) as K[]) sum[name] = (sum[name] ?? 0) + b[name];
  return sum;
}

/** Each worker has a connection to Redis of its own: what one of them cannot do is told of all. */
function addShared(a: SharedCacheStatus, b: SharedCacheStatus): SharedCacheStatus {
  return {
    state: a.state === "up" && b.state === "up" ? "up" : "down",
    why: a.why ?? b.why,
    writable: a.writable && b.writable,
    subscribed: a.subscribed && b.subscribed,
    commands: a.commands + b.commands,
    failures: addEach(a.failures, b.failures),
    hits: a.hits + b.hits,
    misses: a.misses + b.misses,
    unreadable: a.unreadable + b.unreadable,
    pendingWrites: a.pendingWrites + b.pendingWrites,
    pendingBytes: a.pendingBytes + b.pendingBytes,
    droppedWrites: a.droppedWrites + b.droppedWrites,
    owedPurges: a.owedPurges + b.owedPurges,
  };
}
