import type { RefreshOutcome } from "../caching/refresh-tally.ts";
import type { SharedCacheStatus } from "../caching/shared-cache.ts";

/** How full the cache is, and what it had to let go. */
export interface CacheStats {
  readonly entries: number;
  readonly maxEntries: number;
  /** Memory that the entries take, with keys and fields. */
  readonly bytes: number;
  readonly maxBytes: number;
  /** Entries that made room for others since the gateway started. */
  readonly evictions: number;
  /** Responses that are being fetched to be stored. */
  readonly filling: number;
  /** Memory that their bodies take, beside `bytes`; `maxBytes` at most. */
  readonly fillingBytes: number;
  /** Validations in the background, by how they ended. */
  readonly refreshes: Readonly<Record<RefreshOutcome, number>>;
  /** What is shared with other gateways; null where nothing is. */
  readonly redis: SharedCacheStatus | null;
}

/** Which entries a purge means: every variant of a URL, all URLs that begin so, all responses with a tag, or everything. */
export type PurgeSelector =
  | { readonly kind: "url"; readonly url: string }
  | { readonly kind: "prefix"; readonly prefix: string }
  | { readonly kind: "tag"; readonly tag: string }
  | { readonly kind: "all" };

/** `hard` removes entries; `soft` marks them stale, so that they are revalidated and may serve where a backend fails. */
export type PurgeMode = "hard" | "soft";

/** What the admin API may ask of the cache. */
export interface CacheAdmin {
  stats(): CacheStats;
  /** Returns how many entries it met. */
  purge(selector: PurgeSelector, mode: PurgeMode): number | Promise<number>;
}
