import type { CachePolicy, CacheRequest } from "@headgate/cache";
import { isSafe } from "@headgate/http";
import type { Exchange } from "../exchange.ts";
import { cacheHost } from "./cache-host.ts";

/** The rules that hold: an unsafe method invalidates what GET of the same URL has stored, whatever its own route is. */
export function cachePolicyOf({ route, head, generation, host, pathname }: Exchange): CachePolicy | null {
  if (head.method === "GET" || isSafe(head.method)) return route?.cache ?? null;
  return generation.route(host, pathname, "GET")?.cache ?? null;
}

/** An exchange's request as the cache sees it. */
export function cacheRequest(
  { head, host, path, identity }: Exchange,
  hasBody: boolean,
  bodyDigest: string | undefined,
): CacheRequest {
  const { method, scheme, fields } = head;
  return { method, scheme, host: cacheHost(host, scheme), path, fields, identity, hasBody, bodyDigest };
}
