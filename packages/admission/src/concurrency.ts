/** Counts what is in flight against a maximum. Each successful `acquire` is paid back by exactly one `release`. */
export class ConcurrencyLimiter {
  readonly max: number;
  #inFlight = 0;

  /** @param max at least 1; Infinity counts without limiting */
  constructor(max: number) {
    if (!(max >= 1)) throw new RangeError(`The concurrency limit is ${max}; expected at least 1.`);
    this.max = max;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** Takes a slot, or returns false where none is free. */
  acquire(): boolean {
    if (this.#inFlight >= this.max) return false;
    this.#inFlight += 1;
    return true;
  }

  /** @throws Error where nothing is in flight: a slot given back twice would lift the limit unseen. */
  release(): void {
    if (this.#inFlight === 0) throw new Error("A slot was released that nobody had acquired.");
    this.#inFlight -= 1;
  }
}
