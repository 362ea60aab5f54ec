import { getField, isSafe } from "@headgate/http";
import { type Target, urlKeys } from "./key.ts";
import type { CachePolicy } from "./policy.ts";
import type { PurgeTarget } from "./purge.ts";
import { resolveTarget } from "./target.ts";
import type { CacheRequest } from "./types.ts";

/** A URL whose entries an unsafe request has made invalid, and what names it. */
export interface Invalidated {
  readonly purge: PurgeTarget;
  readonly by: "target" | "location" | "content-location";
}

/** What a response to an unsafe request invalidates (RFC 9111 §4.4). */
export type InvalidationPlan =
  | { readonly kind: "none"; readonly reason: "safe-method" | "error-status" }
  | { readonly kind: "invalidate"; readonly urls: readonly Invalidated[] };

/**
 * Decides what to purge (hard) after a response: on a status below 400 to an unsafe method the URL itself, and where Location
 * and Content-Location lead, if that is the same origin. Unknown methods count as unsafe.
 * @param policiesOf the policies by which a GET of that URL may be cached
 */
export function planInvalidation(
  request: Target & Pick<CacheRequest, "method">,
  policiesOf: (target: Target) => readonly CachePolicy[],
  status: number,
  fields: readonly string[],
): InvalidationPlan {
  if (isSafe(request.method)) return { kind: "none", reason: "safe-method" };
  if (status < 200 || status > 399) return { kind: "none", reason: "error-status" };
  const urls: Invalidated[] = [];
  const add = (target: Target, by: Invalidated["by"]): void => {
    for (const key of urlKeys(target, policiesOf(target))) urls.push({ purge: { kind: "url", key }, by });
  };
  add(request, "target");
  for (const by of ["location", "content-location"] as const) {
    const reference = getField(fields, by);
    const target = reference === undefined ? undefined : resolveTarget(reference, request);
    if (target !== undefined) add(target, by);
  }
  return { kind: "invalidate", urls };
}
