import type { PurgeMode, PurgeTarget } from "./purge.ts";
import type { CacheKey, MaybePromise, StoredEntry } from "./types.ts";

/** So many sweeps look at everything once. A power of two. */
export const SWEEPS = 256;

/** What a store holds at the moment. */
export interface StoreStats {
  readonly entries: number;
  /** Bytes held: bodies, fields, keys and indexes. */
  readonly bytes: number;
  readonly maxEntries: number;
  readonly maxBytes: number;
  /** Entries that went to make room, since the start. */
  readonly evicted: number;
}

/**
 * Where entries are kept, in memory or elsewhere: a store at hand answers at once, one across a network with promises. It keeps
 * and finds; what may be used is decided by `planLookup`. A conformance suite (`@headgate/cache/conformance`) tells what every
 * store has to do. `now` is in ms throughout.
 */
export interface CacheStore {
  /** All entries under a key that are still of use, newest first; none: an empty list. */
  get(key: CacheKey, now: number): MaybePromise<readonly StoredEntry[]>;
  /** What `get` would find, without a trace: it does not count as use, and nothing is kept or dropped. For dry runs. */
  peek(key: CacheKey, now: number): MaybePromise<readonly StoredEntry[]>;
  /** Adds an entry by the rules of `addVariant`; false where it was not taken, for example because it is too large. */
  put(key: CacheKey, entry: StoredEntry, now: number): MaybePromise<boolean>;
  /** Puts `next` in the place of `previous`, by the rules of `replaceVariant`; false where that is no longer there. */
  replace(key: CacheKey, previous: StoredEntry, next: StoredEntry): MaybePromise<boolean>;
  /** Takes one entry away; false where it is no longer there. */
  remove(key: CacheKey, entry: StoredEntry): MaybePromise<boolean>;
  /** Purges and tells how many entries it met. */
  purge(target: PurgeTarget, mode: PurgeMode, now: number): MaybePromise<number>;
  /**
   * Drops those entries that are no longer of use from one part of all, of `SWEEPS` the next with each call, and tells how many; to be called
   * now and then. With all at once, a hundred thousand would hold up everything else for a tenth of a second.
   */
  sweep(now: number): MaybePromise<number>;
  stats(): MaybePromise<StoreStats>;
}
