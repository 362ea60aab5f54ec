import type { BackendId } from "@headgate/balancer";

/** How an attempt ended, as passive health wants to know. */
export interface Observation {
  readonly pool: string;
  readonly backend: BackendId;
  /** Status of a whole answer, null for none, or that the connection was refused. */
  readonly ended: number | "refused" | null;
  /** ms. */
  readonly latency: number;
}

/** So many at a time, ms of waiting apart; a fault does not wait. */
const MOST = 1000;

export interface ObservationsPorts {
  readonly send: (list: readonly Observation[]) => void;
  /** Runs a task when the turn of the event loop is over. */
  readonly soon: (task: () => void) => void;
}

/**
 * What a worker has seen of the backends, on its way to the primary, which judges by what all workers see. Faults go at once,
 * the rest with the next report.
 */
export class Observations {
  readonly #ports: ObservationsPorts;
  #list: Observation[] = [];
  /** Whose last one here was good. */
  readonly #good = new Set<string>();
  #sending = false;

  constructor(ports: ObservationsPorts) {
    this.#ports = ports;
  }

  /** @param each whether every good answer counts, or only that there was one between faults */
  add(observation: Observation, each: boolean): void {
    const { pool, backend, ended } = observation;
    const isGood = typeof ended === "number" && ended < 500;
    if (!each && !this.#matters(`${pool} ${backend}`, isGood)) return;
    this.#list.push(observation);
    if (!isGood || this.#list.length >= MOST) this.#hurry();
  }

  /** Sends what there is. */
  flush(): void {
    this.#good.clear();
    if (this.#list.length === 0) return;
    const list = this.#list;
    this.#list = [];
    this.#ports.send(list);
  }

  #matters(key: string, isGood: boolean): boolean {
    if (!isGood) {
      this.#good.delete(key);
      return true;
    }
    if (this.#good.has(key)) return false;
    this.#good.add(key);
    return true;
  }

  #hurry(): void {
    if (this.#sending) return;
    this.#sending = true;
    this.#ports.soon(() => {
      this.#sending = false;
      this.flush();
    });
  }
}
