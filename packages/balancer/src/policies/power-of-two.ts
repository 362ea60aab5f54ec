import type { Backend } from "../backend.ts";
import type { ChooseContext, Policy } from "../policy.ts";
import { weightAt } from "../weight.ts";
import { pickOfTwo } from "./two-choices.ts";

/**
 * Of two at random the one with the fewer attempts in flight for its weight: the larger weight / (active + 1). O(1).
 * Source: Envoy's least request balancer with its `active_request_bias` of 1.
 */
export class PowerOfTwo implements Policy {
  pick(candidates: readonly Backend[], context: ChooseContext): Backend | undefined {
    return pickOfTwo(candidates, context, pressure);
  }

  copy(): Policy {
    return new PowerOfTwo();
  }
}

function pressure(backend: Backend, now: number): number {
  return (backend.active + 1) / weightAt(backend, now);
}
