/** A clock that stands still until it is moved; in ms. For code that reads the time but sets no timers. */
export class FakeClock {
  #now: number;

  constructor(start = 0) {
    this.#now = start;
  }

  readonly now = (): number => this.#now;

  advance(ms: number): void {
    this.#now += ms;
  }

  set(now: number): void {
    this.#now = now;
  }
}
