import type { BackendId } from "@headgate/balancer";
import type { ControlTime } from "./control-time.ts";

interface Lease {
  /** Monotonic ms. */
  readonly until: number;
  readonly cancel: () => void;
}

/** The backends of one pool that belong to it only while they say so again and again. */
export class Leases {
  readonly #time: ControlTime;
  readonly #onOver: (id: BackendId) => void;
  readonly #running = new Map<BackendId, Lease>();

  constructor(time: ControlTime, onOver: (id: BackendId) => void) {
    this.#time = time;
    this.#onOver = onOver;
  }

  /** Gives `id` a lease of `ms` from now, in place of the one it may have. */
  renew(id: BackendId, ms: number): void {
    this.end(id);
    const { clock, schedule } = this.#time;
    const over = (): void => {
      this.#running.delete(id);
      this.#onOver(id);
    };
    this.#running.set(id, { until: clock.tick() + ms, cancel: schedule(over, ms) });
  }

  end(id: BackendId): void {
    this.#running.get(id)?.cancel();
    this.#running.delete(id);
  }

  /** Who has one. */
  get ids(): readonly BackendId[] {
    return [...this.#running.keys()];
  }

  /** When a lease is over, monotonic ms; null where there is none. */
  until(id: BackendId): number | null {
    return this.#running.get(id)?.until ?? null;
  }

  /** Ends all for good: whoever had one stays. */
  stop(): void {
    for (const { cancel } of this.#running.values()) cancel();
  }
}
