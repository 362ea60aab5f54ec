import type { CacheKey, CachePolicy, CacheRequest, Demands, ForwardTold, LookupPlan } from "@headgate/cache";

/** What a lookup that leads upstream has decided. */
export type ForwardPlan = Extract<LookupPlan, { kind: "miss" | "revalidate" | "complete" }>;

/** What the cache layer keeps of an exchange between the way in and the way out. */
export interface CacheNote {
  readonly request: CacheRequest;
  readonly demands: Demands;
  readonly policy: CachePolicy;
  /** Why it went upstream, for Cache-Status. */
  readonly told: ForwardTold;
  /** Null where the request goes past the cache. */
  readonly lookup: { readonly key: CacheKey; readonly plan: ForwardPlan } | null;
  /** Wall-clock ms of the lookup. */
  readonly at: number;

  // What came of it, filled in by `coalesce`.
  /** Where the response is being stored, and why not after all; null for one who did not ask upstream. */
  deposit: { readonly unstored: string | null } | null;
  stored: boolean;
  collapsed: boolean;
  served: "revalidated" | "stale" | undefined;
  /** Status that upstream sent where the client gets another. */
  fwdStatus: number | undefined;
  /** ms that what is stored or served stays fresh. */
  ttl: number | undefined;
  /** Why it was not stored, or what else there is to say. */
  detail: string | undefined;
}
