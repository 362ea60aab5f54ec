import { joinField } from "@headgate/http";
import { getCookie } from "./cookies.ts";
import type { CachePolicy } from "./policy.ts";
import { keyPath } from "./query.ts";
import type { CacheKey, CacheRequest } from "./types.ts";
import { normalizeValue } from "./vary.ts";

/** No URL and no field value holds one: what follows is not part of the URL. */
const SEPARATOR = "\n";

/** Where a request is aimed at: enough to make a key of a URL. */
export type Target = Pick<CacheRequest, "scheme" | "host" | "path">;

/** The key of a URL as such, which names all keys that the policy makes of it. */
export function urlKey(target: Target, policy: CachePolicy): CacheKey {
  const path = policy.query === undefined ? target.path : keyPath(target.path, policy.query);
  return `${target.scheme}://${target.host}${path}` as CacheKey;
}

/** The keys of a URL by several policies, each once: most policies make the same of it. */
export function urlKeys(target: Target, policies: readonly CachePolicy[]): CacheKey[] {
  return [...new Set(policies.map((policy) => urlKey(target, policy)))];
}

/** The URL that a key belongs to. */
export function urlOfKey(key: CacheKey): CacheKey {
  const end = key.indexOf(SEPARATOR);
  return end < 0 ? key : (key.slice(0, end) as CacheKey);
}

function part(label: string, value: string | undefined): string {
  // The length keeps a value from looking like the parts that follow it.
  return value === undefined ? `${SEPARATOR}${label}` : `${SEPARATOR}${label}=${value.length}:${value}`;
}

/**
 * The key under which responses to this request are kept: the URL, then its origin where there are several, then the
 * cookies and fields that the policy names, then, for QUERY, its body and how that is to be read. GET, HEAD and POST share theirs.
 */
export function primaryKey(request: CacheRequest, policy: CachePolicy): CacheKey {
  let key: string = urlKey(request, policy);
  if (request.origin !== undefined) key += part("the origin", request.origin);
  for (const name of policy.keyHeaders) key += part(name, normalizeValue(name, joinField(request.fields, name)));
  if (policy.keyCookies !== undefined) {
    for (const name of policy.keyCookies) key += part(`cookie ${name}`, getCookie(request.fields, name));
  }
  if (request.method !== "QUERY") return key as CacheKey;
  key += part("body", request.bodyDigest);
  key += part("content-type", joinField(request.fields, "content-type"));
  return (key + part("content-encoding", joinField(request.fields, "content-encoding"))) as CacheKey;
}
