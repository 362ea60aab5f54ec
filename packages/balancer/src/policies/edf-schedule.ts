import { type Backend, isOpen } from "../backend.ts";
import type { ChooseContext } from "../policy.ts";
import type { Weigh } from "../weight.ts";
import { Heap } from "./heap.ts";

interface Turn {
  readonly backend: Backend;
  /** In virtual time: 1 / weight after the one before. */
  deadline: number;
  /** Breaks ties, so that equal deadlines keep their order. */
  readonly order: number;
  place: number;
}

/**
 * Earliest deadline first: each turn moves a backend's deadline on by 1 / weight, so shares follow weights, and a
 * changed weight counts from its next turn on. First deadlines are half a turn off so that heavy ones do not bunch.
 * O(log n) a pick. Source: Envoy `EdfScheduler`; stride scheduling (Waldspurger, 1995).
 */
export class EdfSchedule {
  readonly #candidates: readonly Backend[];
  readonly #turns: Heap<Turn>;
  readonly #weigh: Weigh;

  private constructor(candidates: readonly Backend[], weigh: Weigh, turns: Heap<Turn>) {
    this.#candidates = candidates;
    this.#weigh = weigh;
    this.#turns = turns;
  }

  static of(candidates: readonly Backend[], weigh: Weigh, now: number): EdfSchedule {
    const turns = candidates.map((backend, order) => ({
      backend,
      order,
      place: 0,
      deadline: 0.5 / weigh(backend, now),
    }));
    return new EdfSchedule(candidates, weigh, new Heap<Turn>(turns, sooner));
  }

  /** Another with the same turns to come, and weights of its own. */
  copy(weigh: Weigh): EdfSchedule {
    const turns = this.#turns.copy((turn) => ({ ...turn }));
    return new EdfSchedule(this.#candidates, weigh, turns);
  }

  /** The next open one; those passed over have had their turn. */
  pick({ tried, now }: ChooseContext): Backend | undefined {
    for (let passed = 0; passed < this.#turns.size; passed++) {
      const turn = this.#turns.least;
      if (turn === undefined) return undefined;
      turn.deadline += 1 / this.#weigh(turn.backend, now);
      this.#turns.moved(turn);
      if (isOpen(turn.backend, tried)) return turn.backend;
    }
    return this.#candidates.find((backend) => isOpen(backend, tried));
  }
}

function sooner(a: Turn, b: Turn): boolean {
  return a.deadline === b.deadline ? a.order < b.order : a.deadline < b.deadline;
}
