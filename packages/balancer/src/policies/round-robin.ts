import { type Backend, isOpen } from "../backend.ts";
import type { AttemptOutcome, ChooseContext, Policy } from "../policy.ts";
import { Turns } from "./turns.ts";
import { WeightedRoundRobin } from "./weighted-round-robin.ts";

/** Up to here a turn is one attempt. */
const LARGE = 64;

/**
 * Each in turn. Any full cycle is even; a backend that was tried or is full is passed over, and the turn goes on after
 * the one that was taken. Where weights differ or one ramps up it is the smooth weighted one, as in nginx and Envoy. Above 64
 * candidates of equal weight a turn is up to 8 attempts, one after the other (`Turns`), and the first is drawn, since other workers and
 * gateways begin, too. O(1) with equal weights.
 */
export class RoundRobin implements Policy {
  #candidates: readonly Backend[] = [];
  #next = 0;
  #weighted: WeightedRoundRobin | null = null;
  #turns: Turns | null = null;

  pick(candidates: readonly Backend[], context: ChooseContext): Backend | undefined {
    if (candidates !== this.#candidates) this.#adopt(candidates, context);
    if (this.#weighted !== null) return this.#weighted.pick(candidates, context);
    if (this.#turns === null) return this.#takeNext(context);
    return this.#turns.goOn(context.tried) ?? this.#beginTurn(this.#turns, context);
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

  #takeNext({ tried }: ChooseContext): Backend | undefined {
    const { length } = this.#candidates;
    for (let step = 0, index = this.#next; step < length; step++) {
      const backend = this.#candidates[index];
      index = index + 1 === length ? 0 : index + 1;
      if (backend !== undefined && isOpen(backend, tried)) {
        this.#next = index;
        return backend;
      }
    }
    return undefined;
  }

  #beginTurn(turns: Turns, context: ChooseContext): Backend | undefined {
    const backend = this.#takeNext(context);
    if (backend !== undefined) turns.begin(backend);
    return backend;
  }

  #adopt(candidates: readonly Backend[], { random }: ChooseContext): void {
    const isFirst = this.#candidates.length === 0;
    this.#next = resumeAt(this.#candidates, this.#next, candidates);
    this.#candidates = candidates;
    const uniform = candidates.every(({ weight, ramp }) => ramp === null && weight === candidates[0]?.weight);
    this.#weighted = uniform ? null : (this.#weighted ?? new WeightedRoundRobin());
    this.#turns = uniform && candidates.length > LARGE ? (this.#turns ?? new Turns()) : null;
    this.#turns?.keep(candidates);
    if (isFirst && this.#turns !== null) this.#next = Math.floor(random() * candidates.length);
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
