import type { CacheKey, StoredEntry } from "./types.ts";

/** The right to fetch what is asked for under a key, while identical requests at other gateways wait. */
export interface Lease {
  /** What is stored under the key is not what was found before: another gateway was quicker, so look again. */
  readonly isLate: boolean;
  /** Hands the right back, once what was put before is where the others find it. */
  release(): void;
}

/** Another gateway fetches it. */
export interface LeaseWait {
  /** Resolves when that has ended, or the time is over, or nobody can tell any more. Then look again. */
  readonly ended: Promise<void>;
  /** Waits no longer; `ended` resolves. */
  stop(): void;
}

export type LeaseTurn =
  | { readonly kind: "lead"; readonly lease: Lease }
  | { readonly kind: "wait"; readonly wait: LeaseWait }
  /** Nobody knows: go. */
  | { readonly kind: "alone" };

/** Lets gateways that share a store take turns in fetching the same. Nothing here ever rejects. */
export interface LeaseStore {
  /** @param patience how long to wait for another at most, ms; a lease ends by itself after as long */
  acquire(key: CacheKey, patience: number): Promise<LeaseTurn>;
  /** What is stored under a key now, by whichever gateway. */
  look(key: CacheKey, now: number): Promise<readonly StoredEntry[]>;
}
