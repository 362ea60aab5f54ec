/** Calls `fn` after `ms`; what it returns calls that off. */
export type Schedule = (fn: () => void, ms: number) => () => void;

export interface WaitQueueOptions {
  /** How many may wait. Default 1024, Envoy's limit of pending requests. */
  readonly capacity?: number;
  /** How long one may wait, ms. Default 1000. */
  readonly maxWait?: number;
  readonly schedule: Schedule;
}

export type QueueResult<T> =
  | { readonly kind: "ready"; readonly value: T }
  | { readonly kind: "refused"; readonly reason: "queue-full" | "queue-timeout" | "cancelled" };

interface Waiter<T> {
  readonly attempt: () => T | undefined;
  readonly settle: (result: QueueResult<T>) => void;
}

/** Exchanges that wait for room, first come first served, each until its deadline. */
export class WaitQueue<T> {
  readonly #capacity: number;
  readonly #maxWait: number;
  readonly #schedule: Schedule;
  readonly #waiters = new Set<Waiter<T>>();

  constructor({ capacity = 1024, maxWait = 1000, schedule }: WaitQueueOptions) {
    this.#capacity = capacity;
    this.#maxWait = maxWait;
    this.#schedule = schedule;
  }

  /** How many wait. While any does, newcomers must enter too, so that none overtakes. */
  get length(): number {
    return this.#waiters.size;
  }

  /** Waits until `attempt` gives a value; it is asked in turn, at each `wake`. `maxWait` may only shorten the wait. */
  enter(attempt: () => T | undefined, signal?: AbortSignal, maxWait: number = this.#maxWait): Promise<QueueResult<T>> {
    if (signal?.aborted) return Promise.resolve({ kind: "refused", reason: "cancelled" });
    if (this.#waiters.size >= this.#capacity) return Promise.resolve({ kind: "refused", reason: "queue-full" });
    return new Promise((resolve) => {
      const settle = (result: QueueResult<T>): void => {
        this.#waiters.delete(waiter);
        callOff();
        signal?.removeEventListener("abort", cancel);
        resolve(result);
      };
      const waiter = { attempt, settle };
      const cancel = (): void => settle({ kind: "refused", reason: "cancelled" });
      const timeOut = (): void => settle({ kind: "refused", reason: "queue-timeout" });
      const callOff = this.#schedule(timeOut, Math.min(maxWait, this.#maxWait));
      signal?.addEventListener("abort", cancel);
      this.#waiters.add(waiter);
    });
  }

  /** There may be room: serves from the front while `attempt` gives values. */
  wake(): void {
    for (const { attempt, settle } of this.#waiters) {
      const value = attempt();
      if (value === undefined) return;
      settle({ kind: "ready", value });
    }
  }
}
