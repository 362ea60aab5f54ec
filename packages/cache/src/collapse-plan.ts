import { isFor } from "./audience.ts";
import type { Demands } from "./demands.ts";
import type { LookupPlan } from "./lookup-plan.ts";
import type { CacheRequest, EntryHead } from "./types.ts";
import { varyMatches } from "./vary.ts";

/** Whether a request that goes upstream may wait for one that is already under way under the same key. */
export type CollapsePlan =
  /** Wait where one is under way; otherwise go, and where `lead` is set let others wait for this one. */
  | { readonly kind: "join"; readonly lead: boolean }
  | { readonly kind: "alone"; readonly reason: "request-no-cache" | "completion" | "unshareable" };

/** Whether a response under way also answers one who waits for it. */
export type SharePlan =
  | { readonly kind: "share" }
  | { readonly kind: "release"; readonly reason: "not-stored" | "partial" | "identity" | "vary" | "cookie" };

/**
 * Decides on collapsing after `planLookup` has said "miss" or "revalidate", under the key of `planRequest`. A request whose
 * answer may be of use to itself alone (its own conditions, a range, HEAD) waits for others but leads none.
 * @param unshareable the last answer under this key was for one client alone (see `UnshareableKeys`)
 */
export function planCollapse(
  request: CacheRequest,
  demands: Demands,
  lookup: LookupPlan,
  unshareable: boolean,
): CollapsePlan {
  // What is under way may be older than this request, which asks for an answer that is not.
  if (demands.control?.noCache === true) return { kind: "alone", reason: "request-no-cache" };
  if (lookup.kind === "complete") return { kind: "alone", reason: "completion" };
  if (unshareable) return { kind: "alone", reason: "unshareable" };
  const isOwnAnswer = request.method === "HEAD" || demands.range || (demands.conditional && lookup.kind === "miss");
  return { kind: "join", lead: !isOwnAnswer };
}

/**
 * Decides, once the head that a leader waited for is here, whether one who waits gets the response too: only what is stored
 * and what a lookup would have found (RFC 9111 §4). Those who are released send their own requests.
 * @param head of `StorePlan`, or the entry that a 304 has refreshed; undefined where the response is not stored
 */
export function mayShare(head: EntryHead | undefined, waiter: CacheRequest, demands: Demands): SharePlan {
  if (head === undefined) return { kind: "release", reason: "not-stored" };
  if (head.part !== null) return { kind: "release", reason: "partial" };
  if (!isFor(head, waiter.identity)) return { kind: "release", reason: "identity" };
  if (!varyMatches(head.vary, waiter.fields, head.language)) return { kind: "release", reason: "vary" };
  if (head.assumed && demands.cookie) return { kind: "release", reason: "cookie" };
  return { kind: "share" };
}
