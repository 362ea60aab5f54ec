import type { LeaseStore, MemoryStore, PurgeTarget } from "@headgate/cache";
import type { FailureKind } from "./failure.ts";
import type { RedisTls } from "./ioredis.ts";
import type { Schedule } from "./port.ts";
import type { TieredStore } from "./tiered-store.ts";

export interface SharedTierOptions {
  /** The tier in front, which answers at once. */
  readonly memory: MemoryStore;
  /** As `parseRedisUrl` reads them: one; or, of a cluster, some nodes by which the others are found. */
  readonly urls: readonly string[];
  readonly isCluster: boolean;
  /** For `rediss:` URLs. */
  readonly tls: RedisTls;
  /** Longest wait for any reply, ms. */
  readonly timeout: number;
  /** Begins all keys and channels, such as `headgate:`. */
  readonly prefix: string;
  /** How long memory is trusted without asking Redis, ms. */
  readonly memoryTtl: number;
  /** Bytes of all variants of a URL together; what is larger stays with the gateway that fetched it. */
  readonly objectSize: number;
  /** Names this process, unlike any other before: letters, digits and dashes. */
  readonly id: string;
  /** Wall-clock ms. */
  readonly now: () => number;
  /** 0 (included) to 1 (excluded). */
  readonly random: () => number;
  readonly schedule: Schedule;
  /** Told of purges by other gateways: what is under way may be older. */
  readonly onPurge: (target: PurgeTarget) => void;
  /** Told when Redis goes out of reach or is back; `why` only for the first. */
  readonly onState: (state: "up" | "down", why: string) => void;
}

/** How the shared tier does, for metrics and the admin API; counts since the start. */
export interface SharedTierStatus {
  readonly state: "up" | "down";
  /** What took it down. */
  readonly why: string | null;
  /** Whether it takes writes; a full one does not. */
  readonly writable: boolean;
  /** Whether purges of other gateways are heard of. */
  readonly subscribed: boolean;
  readonly commands: number;
  readonly failures: Readonly<Record<FailureKind, number>>;
  /** Lookups that it answered with entries, and without any. */
  readonly hits: number;
  readonly misses: number;
  /** Values that turned out foreign, cut off, of another version or too large. */
  readonly unreadable: number;
  readonly pendingWrites: number;
  readonly pendingBytes: number;
  readonly droppedWrites: number;
  readonly owedPurges: number;
}

/** Memory and Redis as one store, and what gateways share beside entries. */
export interface SharedTier {
  readonly store: TieredStore;
  readonly leases: LeaseStore;
  status(): SharedTierStatus;
  /** Waits for the writes under way, which is not long, and ends every connection. */
  close(): Promise<void>;
}
