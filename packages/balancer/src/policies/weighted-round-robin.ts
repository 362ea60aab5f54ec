import { type Backend, isOpen } from "../backend.ts";
import type { ChooseContext, Policy } from "../policy.ts";
import { type Weigh, weightAt } from "../weight.ts";
import { EdfSchedule } from "./edf-schedule.ts";

/** Up to here each pick looks at all, which spreads best; beyond it at log n of them. */
const SMOOTH_LIMIT = 64;

/**
 * Smooth weighted round robin: add to each its weight, pick the largest, subtract the total; 5, 1, 1 gives a a b a c a a.
 * Above 64 candidates an earliest-deadline-first schedule keeps the same shares in O(log n).
 * Source: nginx commit 52327e062; Envoy `EdfScheduler`.
 */
export class WeightedRoundRobin implements Policy {
  readonly #weigh: Weigh;
  readonly #current = new WeakMap<Backend, { value: number }>();
  /** Where a copy finds the credits that it has not yet made its own. */
  #origin: WeakMap<Backend, { value: number }> | null = null;
  #candidates: readonly Backend[] = [];
  #credits: { value: number }[] = [];
  #schedule: EdfSchedule | null = null;

  constructor(weigh: Weigh = weightAt) {
    this.#weigh = weigh;
  }

  pick(candidates: readonly Backend[], context: ChooseContext): Backend | undefined {
    if (candidates !== this.#candidates) this.#adopt(candidates, context.now);
    return this.#schedule === null ? this.#smooth(candidates, context) : this.#schedule.pick(context);
  }

  copy(weigh: Weigh = this.#weigh): WeightedRoundRobin {
    const copy = new WeightedRoundRobin(weigh);
    copy.#origin = this.#current;
    copy.#candidates = this.#candidates;
    copy.#schedule = this.#schedule?.copy(weigh) ?? null;
    copy.#credits = this.#candidates.map((backend) => copy.#creditOf(backend));
    return copy;
  }

  #smooth(candidates: readonly Backend[], { tried, now }: ChooseContext): Backend | undefined {
    let total = 0;
    let best: Backend | undefined;
    let bestCredit: { value: number } | undefined;
    for (let index = 0; index < candidates.length; index++) {
      const backend = candidates[index];
      const credit = this.#credits[index];
      if (backend === undefined || credit === undefined || !isOpen(backend, tried)) continue;
      const weight = this.#weigh(backend, now);
      total += weight;
      credit.value += weight;
      if (bestCredit === undefined || credit.value > bestCredit.value) {
        best = backend;
        bestCredit = credit;
      }
    }
    if (bestCredit !== undefined) bestCredit.value -= total;
    return best;
  }

  #adopt(candidates: readonly Backend[], now: number): void {
    this.#candidates = candidates;
    this.#schedule = candidates.length > SMOOTH_LIMIT ? EdfSchedule.of(candidates, this.#weigh, now) : null;
    this.#credits = candidates.map((backend) => this.#creditOf(backend));
  }

  #creditOf(backend: Backend): { value: number } {
    const known = this.#current.get(backend);
    if (known !== undefined) return known;
    const credit = { value: this.#origin?.get(backend)?.value ?? 0 };
    this.#current.set(backend, credit);
    return credit;
  }
}
