const FIRST = 1000;
const LONGEST = 10_000;

/** How long to write nothing after a write was refused (Redis is full, or a replica): longer each time, until one is taken. */
export class WritePause {
  #length = 0;
  #until = 0;

  refused(now: number): void {
    // Writes that were under way together are refused together.
    if (this.lasts(now)) return;
    this.#length = Math.min(LONGEST, Math.max(FIRST, this.#length * 2));
    this.#until = now + this.#length;
  }

  accepted(): void {
    this.#length = 0;
  }

  /** Whether the last write was refused; a new try may be due all the same. */
  get isRefused(): boolean {
    return this.#length > 0;
  }

  lasts(now: number): boolean {
    return this.isRefused && now < this.#until;
  }
}
