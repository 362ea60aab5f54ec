/**
 * Tells when to leave Redis alone: after so many failures in a row, until somebody else (a probe) has seen it answer. Requests
 * never probe, so that none of them pays for it.
 */
export class Breaker {
  readonly #threshold: number;
  #failures = 0;
  #open = true;

  /** It begins open: nothing is known yet. */
  constructor(threshold: number) {
    this.#threshold = threshold;
  }

  get isOpen(): boolean {
    return this.#open;
  }

  /** Whether the last command failed: the next may have to wait for nothing as well. */
  get isShaky(): boolean {
    return this.#open || this.#failures > 0;
  }

  succeeded(): void {
    this.#failures = 0;
  }

  /** Returns whether it has opened now. */
  failed(): boolean {
    this.#failures++;
    return this.#failures >= this.#threshold && this.trip();
  }

  /** Opens at once; returns whether it was closed before. */
  trip(): boolean {
    const wasClosed = !this.#open;
    this.#open = true;
    return wasClosed;
  }

  close(): void {
    this.#open = false;
    this.#failures = 0;
  }
}
