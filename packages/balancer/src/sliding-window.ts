/** Counts events of the last `span` ms in `slots` steps; O(1) amortised. */
export class SlidingWindow {
  readonly #counts: number[];
  readonly #step: number;
  #slot = 0;
  #total = 0;

  constructor(span: number, slots = 10) {
    this.#counts = new Array<number>(slots).fill(0);
    this.#step = span / slots;
  }

  add(now: number, count = 1): void {
    this.#advance(now);
    const index = this.#slot % this.#counts.length;
    this.#counts[index] = (this.#counts[index] ?? 0) + count;
    this.#total += count;
  }

  total(now: number): number {
    this.#advance(now);
    return this.#total;
  }

  clear(): void {
    this.#counts.fill(0);
    this.#total = 0;
  }

  #advance(now: number): void {
    const slot = Math.floor(now / this.#step);
    if (slot <= this.#slot) return;
    if (slot - this.#slot >= this.#counts.length) this.clear();
    else for (let passed = this.#slot + 1; passed <= slot; passed++) this.#drop(passed % this.#counts.length);
    this.#slot = slot;
  }

  #drop(index: number): void {
    this.#total -= this.#counts[index] ?? 0;
    this.#counts[index] = 0;
  }
}
