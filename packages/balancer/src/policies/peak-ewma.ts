import type { Backend } from "../backend.ts";
import type { AttemptOutcome, ChooseContext, Policy } from "../policy.ts";
import { weightAt } from "../weight.ts";
import { pickOfTwo } from "./two-choices.ts";

/** More than any latency, ms. */
const PENALTY = 1e9;

/**
 * Of two at random the one with the lower expected wait: peak-sensitive average latency × (active + 1). One without
 * history gets one attempt at a time until its first answer. O(1). Source: Finagle `PeakEwma`, linkerd2-proxy.
 */
export class PeakEwmaPolicy implements Policy {
  pick(candidates: readonly Backend[], context: ChooseContext): Backend | undefined {
    return pickOfTwo(candidates, context, expectedWait);
  }

  released(backend: Backend, outcome: AttemptOutcome | null): void {
    if (outcome !== null) backend.latency.observe(outcome.latency, outcome.failed, outcome.now);
  }

  copy(): Policy {
    return new PeakEwmaPolicy();
  }
}

function expectedWait(backend: Backend, now: number): number {
  const latency = backend.latency.at(now);
  if (latency === 0) return backend.active === 0 ? 0 : PENALTY + backend.active;
  return (latency * (backend.active + 1)) / weightAt(backend, now);
}
