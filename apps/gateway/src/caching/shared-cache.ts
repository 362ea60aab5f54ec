import type { CacheStore, LeaseStore, MemoryStore, PurgeTarget } from "@headgate/cache";

/** How what gateways share does; counts since the start. */
export interface SharedCacheStatus {
  readonly state: "up" | "down";
  /** What took it down. */
  readonly why: string | null;
  /** Whether it takes writes; a full one does not. */
  readonly writable: boolean;
  /** Whether purges of other gateways are heard of. */
  readonly subscribed: boolean;
  readonly commands: number;
  /** Commands that came to nothing, by reason. */
  readonly failures: Readonly<Record<string, number>>;
  /** Lookups that it answered with entries, and without any. */
  readonly hits: number;
  readonly misses: number;
  /** Values that turned out foreign, cut off, of another version or too large. */
  readonly unreadable: number;
  readonly pendingWrites: number;
  readonly pendingBytes: number;
  /** Writes that were left out because too many were waiting. */
  readonly droppedWrites: number;
  /** Purges that it still has to learn of. */
  readonly owedPurges: number;
}

/** A cache that several gateways or processes share, with this one's memory in front. */
export interface SharedCache {
  readonly store: CacheStore;
  /** Null where they take no turns in fetching. */
  readonly leases: LeaseStore | null;
  /** Null where there is nothing to tell of. */
  status(): SharedCacheStatus | null;
  close(): Promise<void>;
}

export interface ShareParts {
  readonly memory: MemoryStore;
  /** Told of purges by other gateways: what is under way may be older. */
  readonly onPurge: (target: PurgeTarget) => void;
}

export type Share = (parts: ShareParts) => SharedCache;
