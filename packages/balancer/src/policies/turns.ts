import { type Backend, type BackendId, isOpen } from "../backend.ts";
import type { AttemptOutcome } from "../policy.ts";

/** Attempts that a turn has. */
export const QUANTUM = 8;

/** One backend's turn. */
interface Turn {
  readonly backend: Backend;
  /** Attempts that it still has; 0: it is over. */
  left: number;
  /** What is in flight there beside it: earlier turns', sessions', streams and tunnels that stay open. */
  others: number;
  /** Stands among the idle ones, once: sessions that come and go there would fill the list. */
  idle: boolean;
}

/**
 * Turns of several attempts each, at most one attempt at a time: so a large pool is gone through by a few backends after the others, whose
 * connections are open and whose memory is at hand, and not by a single attempt at each. A turn ends early where an attempt at its backend
 * failed, was outrun by a hedge or was given up by its client. O(1).
 * Source: deficit round robin (Shreedhar, Varghese 1995), whose quantum is counted in attempts here.
 */
export class Turns {
  readonly #underWay = new Map<Backend, Turn>();
  /** Those that have nothing in flight. The last one freed goes on first. */
  #idle: Turn[] = [];

  /** Begins a turn with its first attempt, which is not in flight yet. One that is under way still is over: it was too slow. */
  begin(backend: Backend): void {
    this.#underWay.set(backend, { backend, left: QUANTUM - 1, others: backend.active, idle: false });
  }

  /** A backend whose turn goes on, for one more attempt. */
  goOn(tried: readonly BackendId[] | null): Backend | undefined {
    for (let turn = this.#idle.pop(); turn !== undefined; turn = this.#idle.pop()) {
      const { backend, left, others } = turn;
      turn.idle = false;
      // Another attempt, as of a session, is in flight there: its end puts the turn back.
      if (left === 0 || backend.active > others) continue;
      const open = isOpen(backend, tried);
      turn.left = open ? left - 1 : 0;
      if (turn.left === 0) this.#underWay.delete(backend);
      if (open) return backend;
    }
    return undefined;
  }

  released(backend: Backend, outcome: AttemptOutcome | null): void {
    const turn = this.#underWay.get(backend);
    if (turn === undefined) return;
    if (outcome === null || outcome.failed || outcome.outrun === true) {
      turn.left = 0;
      this.#underWay.delete(backend);
      return;
    }
    turn.others = Math.min(turn.others, backend.active);
    if (turn.idle || backend.active > turn.others) return;
    turn.idle = true;
    this.#idle.push(turn);
  }

  /** Ends the turns of all others. */
  keep(candidates: readonly Backend[]): void {
    const kept = new Set(candidates);
    for (const backend of this.#underWay.keys()) if (!kept.has(backend)) this.#underWay.delete(backend);
    this.#idle = this.#idle.filter(({ backend }) => kept.has(backend));
  }

  copy(): Turns {
    const copy = new Turns();
    for (const [backend, turn] of this.#underWay) copy.#underWay.set(backend, { ...turn });
    for (const { backend } of this.#idle) {
      const turn = copy.#underWay.get(backend);
      if (turn !== undefined) copy.#idle.push(turn);
    }
    return copy;
  }
}
