import { type Backend, isOpen } from "../backend.ts";
import type { AttemptOutcome, ChooseContext, Policy } from "../policy.ts";
import { Turns } from "./turns.ts";
import { WeightedRoundRobin } from "./weighted-round-robin.ts";

/** Up to here a turn is one attempt. */
const LARGE = 64;
/** At most so many busy ones are passed over in search of an idle one. */
const PASSED = 8;

/**
 * Each in turn. Any full cycle is even; a backend that was tried or is full is passed over, and the turn goes on after
 * the one that was taken. Where weights differ or one ramps up it is the smooth weighted one, as in nginx and Envoy. Above 64
 * candidates a turn is up to 8 attempts, one after the other (`Turns`). O(1) with equal weights, else O(log n).
 */
export class RoundRobin implements Policy {
  #candidates: readonly Backend[] = [];
  #next = 0;
  #weighted: WeightedRoundRobin | null = null;
  #turns: Turns | null = null;

  pick(candidates: readonly Backend[], context: ChooseContext): Backend | undefined {
    if (candidates !== this.#candidates) this.#adopt(candidates);
    return this.#turns === null ? this.#takeNext(context) : this.#takeTurn(this.#turns, context);
  }

  released(backend: Backend, outcome: AttemptOutcome | null): void {
    this.#turns?.released(backend, outcome);
  }

  copy(): Policy {
    const copy = new RoundRobin();
    copy.#candidates = this.#candidates;
    copy.#next = this.#next;
    copy.#weighted = this.#weighted?.copy() ?? null;
    copy.#turns = this.#turns?.copy() ?? null;
    return copy;
  }

  #takeNext(context: ChooseContext): Backend | undefined {
    if (this.#weighted !== null) return this.#weighted.pick(this.#candidates, context);
    const { length } = this.#candidates;
    for (let step = 0, index = this.#next; step < length; step++) {
      const backend = this.#candidates[index];
      index = index + 1 === length ? 0 : index + 1;
      if (backend !== undefined && isOpen(backend, context.tried)) {
        this.#next = index;
        return backend;
      }
    }
    return undefined;
  }

  #takeTurn(turns: Turns, context: ChooseContext): Backend | undefined {
    const again = turns.goOn(context.tried);
    if (again !== undefined) return again;
    if (this.#weighted === null) this.#passOver();
    const backend = this.#takeNext(context);
    if (backend !== undefined) turns.begin(backend);
    return backend;
  }

  /** A backend so slow that it is still busy when its next turn has come is not hurried. */
  #passOver(): void {
    for (let passed = 0; passed < PASSED; passed++) {
      if (this.#candidates[this.#next]?.active === 0) return;
      this.#next = this.#next + 1 === this.#candidates.length ? 0 : this.#next + 1;
    }
  }

  #adopt(candidates: readonly Backend[]): void {
    this.#next = resumeAt(this.#candidates, this.#next, candidates);
    this.#candidates = candidates;
    const uniform = candidates.every(({ weight, ramp }) => ramp === null && weight === candidates[0]?.weight);
    this.#weighted = uniform ? null : (this.#weighted ?? new WeightedRoundRobin());
    this.#turns = candidates.length > LARGE ? (this.#turns ?? new Turns()) : null;
    this.#turns?.keep(candidates);
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
