import type { CacheKey, PurgeMode, PurgeTarget, StoredEntry } from "@headgate/cache";
import type { Version } from "./contents.ts";

/** What is kept under a key at the moment, or that it is still the version that was known. */
export type SharedRead =
  | { readonly kind: "same" }
  | { readonly kind: "entries"; readonly version: Version; readonly entries: readonly StoredEntry[] };

/** The tier that gateways share, as the one in front of it sees it. Everything rejects with `RedisFailure` where it is of no use. */
export interface SharedStore {
  /** Whether it is asked at all; where it is not, everything rejects at once. */
  readonly isUsable: boolean;
  /** All entries under a key that are still of use, unless `known` is still the version of what is kept. */
  read(key: CacheKey, now: number, known: Version): Promise<SharedRead>;
  /** As `put` of `CacheStore`; gives back the new version, or undefined where the entry was not taken. */
  add(key: CacheKey, entry: StoredEntry, now: number): Promise<Version | undefined>;
  /** As `replace` of `CacheStore`; gives back the new version, or undefined where `previous` is no longer there. */
  exchange(key: CacheKey, previous: StoredEntry, next: StoredEntry): Promise<Version | undefined>;
  remove(key: CacheKey, entry: StoredEntry): Promise<boolean>;
  purge(target: PurgeTarget, mode: PurgeMode, now: number): Promise<number>;
}
