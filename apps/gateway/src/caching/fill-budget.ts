/** Bytes that all bodies on their way into the cache may take together; what finds no room passes through unstored. */
export class FillBudget {
  readonly #limit: number;
  #used = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get used(): number {
    return this.#used;
  }

  /** Whether so many bytes would find room now. */
  fits(bytes: number): boolean {
    return this.#used + bytes <= this.#limit;
  }

  /** Takes room, or none and false. */
  take(bytes: number): boolean {
    if (!this.fits(bytes)) return false;
    this.#used += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#used -= bytes;
  }
}
