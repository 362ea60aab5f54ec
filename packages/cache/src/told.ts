import type { CacheOutcome, ForwardReason } from "./cache-status.ts";
import type { LookupPlan } from "./lookup-plan.ts";
import type { BypassReason } from "./request-plan.ts";

/** What stands behind a forwarded request: its RFC 9211 reason, and ours where that is finer. */
export interface ForwardTold {
  readonly fwd: ForwardReason;
  readonly detail: string | undefined;
}

const BY_REASON: Readonly<Record<string, ForwardReason>> = {
  "uri-miss": "uri-miss",
  "vary-miss": "vary-miss",
  "partial-miss": "partial",
  stale: "stale",
  "no-cache": "stale",
  "request-no-cache": "request",
  "request-max-age": "request",
  "request-min-fresh": "request",
};

function tell(reason: string): ForwardTold {
  const fwd = BY_REASON[reason] ?? "miss";
  return { fwd, detail: fwd === reason || fwd === "partial" ? undefined : reason };
}

/** How a bypass is told: by the method, or with its reason. */
export function tellBypass(reason: BypassReason): ForwardTold {
  return reason === "method" ? { fwd: "method", detail: undefined } : { fwd: "bypass", detail: reason };
}

/** How a lookup that leads upstream is told. */
export function tellForward(plan: Extract<LookupPlan, { kind: "miss" | "revalidate" | "complete" }>): ForwardTold {
  return plan.kind === "complete" ? { fwd: "partial", detail: undefined } : tell(plan.why);
}

/** How an answer from the cache is told. */
export function tellHit(plan: Extract<LookupPlan, { kind: "hit" | "stale" }>): CacheOutcome {
  return plan.kind === "hit" ? { kind: "hit", ttl: plan.ttl } : { kind: "hit", ttl: plan.ttl, detail: plan.why };
}
