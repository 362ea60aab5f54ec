import { type Backend, isOpen } from "../backend.ts";
import type { ChooseContext, Policy } from "../policy.ts";
import { rampShare } from "../slow-start.ts";
import { drawOpen } from "./draw.ts";
import { firstAbove } from "./search.ts";

/** So many weighted draws before one regardless of weight. */
const DRAWS = 8;

/** One at random by weight; O(log n). Source: Envoy's and Traefik's random balancers. */
export class RandomPolicy implements Policy {
  #candidates: readonly Backend[] = [];
  /** Running sums of the weights. */
  #sums: Float64Array = new Float64Array();

  pick(candidates: readonly Backend[], context: ChooseContext): Backend | undefined {
    if (candidates !== this.#candidates) this.#adopt(candidates);
    const { random, tried, now } = context;
    const total = this.#sums[this.#sums.length - 1] ?? 0;
    for (let draw = 0; draw < DRAWS; draw++) {
      const backend = candidates[firstAbove(this.#sums, random() * total)];
      if (backend === undefined || !isOpen(backend, tried)) continue;
      if (backend.ramp === null || random() < rampShare(backend.ramp, now)) return backend;
    }
    return candidates[drawOpen(candidates, context)];
  }

  copy(): Policy {
    return new RandomPolicy();
  }

  #adopt(candidates: readonly Backend[]): void {
    this.#candidates = candidates;
    this.#sums = new Float64Array(candidates.length);
    let sum = 0;
    candidates.forEach(({ weight }, index) => {
      sum += weight;
      this.#sums[index] = sum;
    });
  }
}
