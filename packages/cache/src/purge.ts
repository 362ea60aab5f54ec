import { splitList } from "@headgate/http";
import { entryOf } from "./entry.ts";
import { type Target, urlKeys } from "./key.ts";
import type { CachePolicy } from "./policy.ts";
import type { CacheKey, StoredEntry } from "./types.ts";

/** What to purge: a URL with all its variants and all keys made of it, all URLs that begin so, what bears a tag, or everything. */
export type PurgeTarget =
  | { readonly kind: "url"; readonly key: CacheKey }
  | { readonly kind: "prefix"; readonly prefix: string }
  | { readonly kind: "tag"; readonly tag: string }
  | { readonly kind: "all" };

/** "hard" takes entries away; "soft" makes them stale, so that they can still be validated or served stale. */
export type PurgeMode = "hard" | "soft";

/** An entry that is stale from now on; the windows of stale-while-revalidate and stale-if-error begin now. */
export function expired(entry: StoredEntry, now: number): StoredEntry {
  return entry.expiresAt <= now ? entry : entryOf({ ...entry, expiresAt: now }, entry.body, entry.size);
}

/** The purges of an absolute URL, by the keys that its routes' policies make of it; none where it is no http(s) URL. */
export function purgesOfUrl(url: string, policies: readonly CachePolicy[]): PurgeTarget[] {
  const parsed = URL.parse(url);
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) return [];
  const target: Target = {
    scheme: parsed.protocol.slice(0, -1),
    host: parsed.host,
    path: parsed.pathname + parsed.search,
  };
  return urlKeys(target, policies).map((key) => ({ kind: "url", key }));
}

/** The purge of all URLs that begin like this; a `*` at the end is left off. undefined where it is not at least an origin. */
export function purgeOfPrefix(prefix: string): PurgeTarget | undefined {
  const bare = prefix.endsWith("*") ? prefix.slice(0, -1) : prefix;
  return /^https?:\/\/[^/]+\//.test(bare) ? { kind: "prefix", prefix: bare } : undefined;
}

/** The purges of a list of tags, as of Surrogate-Key (spaces) or Cache-Tag (commas). */
export function purgesOfTags(tags: string): PurgeTarget[] {
  return splitList(tags.replace(/[\t ]+/g, ",")).map((tag) => ({ kind: "tag", tag }));
}
