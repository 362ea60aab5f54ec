import type { BackendId } from "@headgate/balancer";
import type { ControlTime } from "./control-time.ts";

interface Drain {
  /** Monotonic ms. */
  readonly until: number;
  readonly cancel: () => void;
  over: boolean;
}

/** The drains of one pool: each has a time, at the end of which what is left is ended. */
export class Drains {
  readonly #time: ControlTime;
  readonly #onOver: (id: BackendId) => void;
  readonly #running = new Map<BackendId, Drain>();

  constructor(time: ControlTime, onOver: (id: BackendId) => void) {
    this.#time = time;
    this.#onOver = onOver;
  }

  /** Begins a drain of `ms`, or gives one that runs another end. */
  begin(id: BackendId, ms: number): void {
    this.end(id);
    const { clock, schedule } = this.#time;
    const drain: Drain = {
      until: clock.tick() + ms,
      over: false,
      cancel: schedule(() => {
        drain.over = true;
        this.#onOver(id);
      }, ms),
    };
    this.#running.set(id, drain);
  }

  end(id: BackendId): void {
    this.#running.get(id)?.cancel();
    this.#running.delete(id);
  }

  /** When a drain is over, monotonic ms; null where none runs. */
  until(id: BackendId): number | null {
    return this.#running.get(id)?.until ?? null;
  }

  /** Whether a drain's time is over. */
  isOver(id: BackendId): boolean {
    return this.#running.get(id)?.over === true;
  }

  /** Ends all for good, as they are. */
  stop(): void {
    for (const { cancel } of this.#running.values()) cancel();
  }
}
