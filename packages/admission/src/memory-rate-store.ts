import { planRate, type RateDecision, type RatePolicy, type RateState, type RateStore } from "./rate.ts";

/** Entries looked at for removal at each call: more than one, so that what is over goes faster than new ones come. */
const SWEEP = 2;

/**
 * Rate states of this process, bounded: at `capacity` the one that was least recently written goes, and its client begins anew.
 * States that are paid back are dropped on the way, a few at each call.
 */
export class MemoryRateStore implements RateStore {
  readonly #states = new Map<string, RateState>();
  readonly #capacity: number;

  constructor(capacity = 100_000) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#states.size;
  }

  take(key: string, now: number, policy: RatePolicy, cost = 1): RateDecision {
    const decision = planRate(this.#states.get(key), now, policy, cost);
    if (decision.kind === "admit") {
      this.#states.delete(key);
      this.#states.set(key, decision.state);
    }
    this.#sweep(now);
    return decision;
  }

  #sweep(now: number): void {
    let looked = 0;
    for (const [key, state] of this.#states) {
      if (looked >= SWEEP) break;
      looked += 1;
      if (state <= now || this.#states.size > this.#capacity) this.#states.delete(key);
    }
  }
}
