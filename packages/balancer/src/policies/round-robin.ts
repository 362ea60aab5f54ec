import { type Backend, isOpen } from "../backend.ts";
import type { ChooseContext, Policy } from "../policy.ts";
import { WeightedRoundRobin } from "./weighted-round-robin.ts";

/**
 * Each in turn. Any full cycle is even; a backend that was tried or is full is passed over, and the turn goes on after
 * the one that was taken. Where weights differ or one ramps up it is the smooth weighted one, as in nginx and Envoy.
 * O(1) with equal weights.
 */
export class RoundRobin implements Policy {
  #candidates: readonly Backend[] = [];
  #next = 0;
  #weighted: WeightedRoundRobin | null = null;

  pick(candidates: readonly Backend[], context: ChooseContext): Backend | undefined {
    if (candidates !== this.#candidates) this.#adopt(candidates);
    if (this.#weighted !== null) return this.#weighted.pick(candidates, context);
    const length = candidates.length;
    for (let step = 0, index = this.#next; step < length; step++) {
      const backend = candidates[index];
      index = index + 1 === length ? 0 : index + 1;
      if (backend !== undefined && isOpen(backend, context.tried)) {
        this.#next = index;
        return backend;
      }
    }
    return undefined;
  }

  copy(): Policy {
    const copy = new RoundRobin();
    copy.#candidates = this.#candidates;
    copy.#next = this.#next;
    copy.#weighted = this.#weighted?.copy() ?? null;
    return copy;
  }

  #adopt(candidates: readonly Backend[]): void {
    this.#next = resumeAt(this.#candidates, this.#next, candidates);
    this.#candidates = candidates;
    const uniform = candidates.every(({ weight, ramp }) => ramp === null && weight === candidates[0]?.weight);
    this.#weighted = uniform ? null : (this.#weighted ?? new WeightedRoundRobin());
  }
}

/** Where the turn goes on in `after`: at the first of `before`, from its turn on, that is still there. */
function resumeAt(before: readonly Backend[], next: number, after: readonly Backend[]): number {
  const places = new Map(after.map((backend, index) => [backend, index]));
  for (let step = 0; step < before.length; step++) {
    const backend = before[(next + step) % before.length];
    const place = backend === undefined ? undefined : places.get(backend);
    if (place !== undefined) return place;
  }
  return 0;
}
