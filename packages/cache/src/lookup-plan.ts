import type { FieldList } from "@headgate/http";
import { type CompletionDemand, demandCompletion } from "./completion.ts";
import { conditionsFor } from "./conditions.ts";
import type { Demands } from "./demands.ts";
import { type MissReason, selectEntry } from "./select.ts";
import type { CacheRequest, StoredEntry } from "./types.ts";

/** Why an entry needs validation before it may be used. */
export type RevalidateReason = "stale" | "no-cache" | "request-no-cache" | "request-max-age" | "request-min-fresh";

/** What is to be done with a request that the cache takes part in. Times in ms; `ttl` is what is left, negative when stale. */
export type LookupPlan =
  /** Answer from the entry (`planServe`). */
  | { readonly kind: "hit"; readonly entry: StoredEntry; readonly age: number; readonly ttl: number }
  /** Answer from the entry although it is stale; where `revalidate` is set, have it validated behind the scenes (`conditionsFor`). */
  | {
      readonly kind: "stale";
      readonly entry: StoredEntry;
      readonly age: number;
      readonly ttl: number;
      readonly why: "stale-while-revalidate" | "max-stale";
      readonly revalidate: boolean;
    }
  /** Ask the origin, with `conditions` in place of the client's own (`withConditions`). On failure see `planStale`. */
  | {
      readonly kind: "revalidate";
      readonly entry: StoredEntry;
      readonly conditions: FieldList;
      readonly why: RevalidateReason;
    }
  /** Ask the origin for the rest of a stored part (see `planCompletion`). */
  | ({ readonly kind: "complete"; readonly entry: StoredEntry } & CompletionDemand)
  /** Ask the origin; `fallback` is an entry that cannot be validated but may do on failure (see `planStale`). */
  | {
      readonly kind: "miss";
      readonly why: MissReason | RevalidateReason;
      readonly fallback: StoredEntry | undefined;
    }
  /** Answer 504: only-if-cached, and there is nothing (RFC 9111 §5.2.1.7). */
  | { readonly kind: "unsatisfiable" };

/** Why a request does not take an entry of this age without validation; undefined: it does, as far as freshness allows. */
function requestObjection(entry: StoredEntry, demands: Demands, now: number): RevalidateReason | undefined {
  const { control } = demands;
  if (control === undefined) return undefined;
  if (control.noCache) return "request-no-cache";
  const isFresh = now < entry.expiresAt;
  if (control.maxAge !== undefined && now - entry.bornAt > control.maxAge) {
    // A reload of what says never to change needs no validation while it is fresh (RFC 8246 §2).
    if (!(isFresh && entry.immutable)) return "request-max-age";
  }
  if (control.minFresh !== undefined && entry.expiresAt - now < control.minFresh) return "request-min-fresh";
  return undefined;
}

/** How a stale entry may be used at once (RFC 9111 §4.2.4, RFC 5861 §3); undefined: not without validation. */
function staleUse(
  entry: StoredEntry,
  demands: Demands,
  staleFor: number,
): "stale-while-revalidate" | "max-stale" | undefined {
  if (entry.stale === "forbidden") return undefined;
  if (staleFor < entry.staleWhileRevalidate) return "stale-while-revalidate";
  const maxStale = demands.control?.maxStale;
  return entry.stale === "allowed" && maxStale !== undefined && staleFor <= maxStale ? "max-stale" : undefined;
}

function askOrigin(entry: StoredEntry, demands: Demands, why: RevalidateReason): LookupPlan {
  if (demands.control?.onlyIfCached === true) return { kind: "unsatisfiable" };
  const conditions = conditionsFor(entry);
  if (conditions.length === 0 || entry.part !== null) return { kind: "miss", why, fallback: entry };
  return { kind: "revalidate", entry, conditions, why };
}

function planEntry(entry: StoredEntry, demands: Demands, now: number): LookupPlan {
  const objection = requestObjection(entry, demands, now);
  if (objection !== undefined) return askOrigin(entry, demands, objection);
  if (entry.noCache) return askOrigin(entry, demands, "no-cache");
  const age = Math.max(0, now - entry.bornAt);
  const ttl = entry.expiresAt - now;
  if (ttl > 0) return { kind: "hit", entry, age, ttl };
  const why = staleUse(entry, demands, -ttl);
  if (why === undefined) return askOrigin(entry, demands, "stale");
  return { kind: "stale", entry, age, ttl, why, revalidate: why === "stale-while-revalidate" };
}

/**
 * Decides what becomes of a request for which `planRequest` said "lookup" (RFC 9111 §4).
 * @param variants what the store holds under its key, newest first
 * @param now ms
 */
export function planLookup(
  request: CacheRequest,
  demands: Demands,
  variants: readonly StoredEntry[],
  now: number,
): LookupPlan {
  const selection = selectEntry(request, demands, variants, now);
  if (selection.kind === "entry") return planEntry(selection.entry, demands, now);
  if (demands.control?.onlyIfCached === true) return { kind: "unsatisfiable" };
  if (selection.kind === "none") return { kind: "miss", why: selection.reason, fallback: undefined };
  const demand = demandCompletion(selection.entry, request, demands, now);
  if (demand === undefined) return { kind: "miss", why: "partial-miss", fallback: undefined };
  return { kind: "complete", entry: selection.entry, ...demand };
}
