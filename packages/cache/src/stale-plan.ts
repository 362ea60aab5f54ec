import type { Demands } from "./demands.ts";
import type { StoredEntry } from "./types.ts";

/** How upstream failed: by an error status, or by not answering at all (refused, broken off, timed out). */
export type UpstreamFailure = { readonly kind: "status"; readonly status: number } | { readonly kind: "disconnect" };

/** Whether an entry may stand in for the answer that did not come. Times in ms. */
export type StalePlan =
  | {
      readonly kind: "serve";
      readonly why: "fresh" | "stale-if-error" | "disconnect";
      readonly age: number;
      readonly ttl: number;
    }
  | { readonly kind: "refuse"; readonly reason: "not-an-error" | "forbidden" | "request-no-cache" | "too-old" };

/** What counts as an error for stale-if-error (RFC 5861 §4). */
const ERRORS: ReadonlySet<number> = new Set([500, 502, 503, 504]);

/**
 * Decides whether an entry is served after upstream failed: within stale-if-error of response or request (RFC 5861 §4); or,
 * where upstream could not be reached and nothing forbids it, for as long as the entry is kept (RFC 9111 §4.2.4).
 */
export function planStale(entry: StoredEntry, demands: Demands, failure: UpstreamFailure, now: number): StalePlan {
  if (failure.kind === "status" && !ERRORS.has(failure.status)) return { kind: "refuse", reason: "not-an-error" };
  if (entry.stale === "forbidden") return { kind: "refuse", reason: "forbidden" };
  if (demands.control?.noCache === true) return { kind: "refuse", reason: "request-no-cache" };
  const age = Math.max(0, now - entry.bornAt);
  const ttl = entry.expiresAt - now;
  const window = Math.max(entry.staleIfError, demands.control?.staleIfError ?? 0);
  if (ttl > 0) return { kind: "serve", why: "fresh", age, ttl };
  if (-ttl < window) return { kind: "serve", why: "stale-if-error", age, ttl };
  if (failure.kind === "disconnect" && entry.stale === "allowed" && now < entry.keepUntil) {
    return { kind: "serve", why: "disconnect", age, ttl };
  }
  return {
    kind: "refuse",
    reason: failure.kind === "disconnect" && entry.stale === "explicit" ? "forbidden" : "too-old",
  };
}
