import { hasField } from "@headgate/http";
import { getCookie } from "./cookies.ts";
import { type Demands, readDemands } from "./demands.ts";
import { primaryKey } from "./key.ts";
import type { CachePolicy } from "./policy.ts";
import { hasParameter } from "./query.ts";
import type { CacheKey, CacheRequest } from "./types.ts";

/** Why a request goes past the cache. */
export type BypassReason =
  | "method"
  | "upgrade"
  | "request-body"
  | "no-store"
  | "precondition"
  | "bypass-header"
  | "bypass-cookie"
  | "bypass-query";

/** Whether the cache takes part in a request, and if so, where to look. */
export type RequestPlan =
  | { readonly kind: "lookup"; readonly key: CacheKey; readonly demands: Demands }
  | { readonly kind: "bypass"; readonly reason: BypassReason; readonly demands: Demands };

/** Only these are answered from the cache (RFC 9110 §9.2.3; QUERY by its own specification). */
function isAnswerable(method: string): boolean {
  return method === "GET" || method === "HEAD" || method === "QUERY";
}

/** A body has no meaning with GET or HEAD, but an origin may heed it all the same; without a digest QUERIES look alike. */
function isBodyUnkeyed(request: CacheRequest): boolean {
  return request.method === "QUERY" ? request.bodyDigest === undefined : request.hasBody;
}

function findRule(request: CacheRequest, policy: CachePolicy): BypassReason | undefined {
  if (policy.bypassHeaders.some((name) => hasField(request.fields, name))) return "bypass-header";
  if (policy.bypassCookies.some((name) => getCookie(request.fields, name) !== undefined)) return "bypass-cookie";
  const query = policy.bypassQuery;
  return query !== undefined && hasParameter(request.path, query) ? "bypass-query" : undefined;
}

function bypassReason(request: CacheRequest, demands: Demands, policy: CachePolicy): BypassReason | undefined {
  if (!isAnswerable(request.method)) return "method";
  if (demands.upgrade) return "upgrade";
  if (isBodyUnkeyed(request)) return "request-body";
  if (demands.control?.noStore === true) return "no-store";
  if (demands.precondition) return "precondition";
  return findRule(request, policy);
}

/**
 * The first step of every request. After "lookup" come the store's `get` and `planLookup`; after "bypass" only forwarding.
 * @param demands of its fields under this policy, where they are known
 */
export function planRequest(
  request: CacheRequest,
  policy: CachePolicy,
  demands: Demands = readDemands(request.fields, policy),
): RequestPlan {
  const reason = bypassReason(request, demands, policy);
  if (reason !== undefined) return { kind: "bypass", reason, demands };
  return { kind: "lookup", key: primaryKey(request, policy), demands };
}
