import { isIdempotent } from "@headgate/http";
import type { LatencyQuantile } from "./latency-quantile.ts";

export interface HedgeInput {
  readonly method: string;
  /** Whether the request's body can be sent again. */
  readonly replayable: boolean;
  /** Latencies of this pool's response heads. */
  readonly latencies: LatencyQuantile;
  /** Backends that could take a second attempt. */
  readonly others: number;
  /** ms. */
  readonly now: number;
  /** When the exchange must be over, ms. */
  readonly deadline?: number | undefined;
}

/** When a second attempt may be sent beside the first, while that has no head yet. */
export type HedgePlan =
  | { readonly kind: "hedge" /** after the first attempt began, ms */; readonly after: number }
  | {
      readonly kind: "single";
      readonly reason: "not-idempotent" | "body-not-replayable" | "no-other-backend" | "too-little-known" | "deadline";
    };

/** The share of attempts that are waited for. */
const QUANTILE = 0.95;
/** Fewer latencies than this make no p95. */
const LEAST_KNOWN = 100;
/** Never earlier than this, ms. */
const LEAST_WAIT = 2;

/**
 * A second attempt once the first has taken longer than 95 % do, for idempotent methods; the slower one is cancelled.
 * When its time comes it must take from the retry budget, so that hedges and retries together stay within it.
 * Source: Dean and Barroso, "The Tail at Scale" (2013); Finagle `BackupRequestFilter`.
 */
export function planHedge(input: HedgeInput): HedgePlan {
  const { method, replayable, latencies, others, now, deadline } = input;
  if (!isIdempotent(method)) return { kind: "single", reason: "not-idempotent" };
  if (!replayable) return { kind: "single", reason: "body-not-replayable" };
  if (others < 1) return { kind: "single", reason: "no-other-backend" };
  const slow = latencies.count(now) < LEAST_KNOWN ? undefined : latencies.at(QUANTILE, now);
  if (slow === undefined) return { kind: "single", reason: "too-little-known" };
  const after = Math.max(LEAST_WAIT, slow);
  if (deadline !== undefined && now + after >= deadline) return { kind: "single", reason: "deadline" };
  return { kind: "hedge", after };
}
