import { sfMember, sfString } from "@headgate/http";
import type { RateDecision, RatePolicy } from "./rate.ts";

function seconds(ms: number): number {
  return Math.ceil(ms / 1000);
}

/** RateLimit-Policy (draft-ietf-httpapi-ratelimit-headers-10 §3): `"default"; q=100; w=60`, the window in whole seconds. */
export function rateLimitPolicyField(policy: RatePolicy): string {
  return sfMember(sfString(policy.name), [
    ["q", policy.limit],
    ["w", seconds(policy.window)],
  ]);
}

/** RateLimit (same draft §4): `"default"; r=50; t=30`, units left and seconds until all are there again. */
export function rateLimitField(policy: RatePolicy, decision: RateDecision): string {
  return sfMember(sfString(policy.name), [
    ["r", decision.remaining],
    ["t", seconds(decision.resetAfter)],
  ]);
}

/** Retry-After in whole seconds, at least 1; undefined where waiting does not help. */
export function retryAfterField(retryAfter: number): string | undefined {
  return Number.isFinite(retryAfter) ? String(Math.max(1, seconds(retryAfter))) : undefined;
}
