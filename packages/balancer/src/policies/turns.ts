import { type Backend, type BackendId, isOpen } from "../backend.ts";
import type { AttemptOutcome } from "../policy.ts";

/** Attempts that a turn has. */
export const QUANTUM = 8;

/** One backend's turn. */
interface Turn {
  readonly backend: Backend;
  /** Attempts that it still has. */
  left: number;
  /** Stands among the idle ones. */
  idle: boolean;
}

/**
 * Turns of several attempts each, at most one attempt at a time: so a large pool is gone through by a few backends after the others, whose
 * connections are open and whose memory is at hand, and not by a single attempt at each. A turn ends early where its backend fails, or
 * may not be asked when it could be. O(1).
 * Source: deficit round robin (Shreedhar, Varghese 1995), whose quantum is counted in attempts here.
 */
export class Turns {
  readonly #underWay = new Map<Backend, Turn>();
  /** Those of backends that have nothing in flight. The last one freed goes on first. */
  #idle: Turn[] = [];

  /** Begins a turn with its first attempt, unless one is under way. */
  begin(backend: Backend): void {
    if (!this.#underWay.has(backend)) this.#underWay.set(backend, { backend, left: QUANTUM - 1, idle: false });
  }

  /** A backend whose turn goes on, for one more attempt. */
  goOn(tried: readonly BackendId[] | null): Backend | undefined {
    for (let turn = this.#idle.pop(); turn !== undefined; turn = this.#idle.pop()) {
      const { backend } = turn;
      turn.idle = false;
      // An attempt that no policy chose, as of a session, is in flight there: its end puts the turn back.
      if (backend.active > 0) continue;
      const open = isOpen(backend, tried);
      turn.left -= 1;
      if (!open || turn.left === 0) this.#underWay.delete(backend);
      if (open) return backend;
    }
    return undefined;
  }

  released(backend: Backend, outcome: AttemptOutcome | null): void {
    const turn = this.#underWay.get(backend);
    if (turn === undefined || turn.idle || backend.active > 0) return;
    if (outcome?.failed === true) {
      this.#underWay.delete(backend);
      return;
    }
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
