import { fits, type Weighed } from "./weight.ts";

/** What a list holds. A value knows its own neighbours: to move it, nothing but the three of them is touched. */
export interface Listed<V extends Listed<V>> extends Weighed {
  /** Where it stands; null: nowhere. Set by the list alone, as are its neighbours. */
  list: LruList<V> | null;
  older: V | null;
  newer: V | null;
}

/** A list by last use that knows what it weighs. Its owner keeps it within its bounds. */
export class LruList<V extends Listed<V>> implements Weighed {
  readonly #max: Weighed;
  #oldest: V | null = null;
  #newest: V | null = null;
  entries = 0;
  bytes = 0;
  heap = 0;

  constructor(max: Weighed) {
    this.#max = max;
  }

  get isOver(): boolean {
    return !fits(this, this.#max);
  }

  get oldest(): V | null {
    return this.#oldest;
  }

  /** Adds a value, which stands in no list, as the one used last. */
  add(value: V): void {
    value.list = this;
    this.#append(value);
    this.entries += value.entries;
    this.bytes += value.bytes;
    this.heap += value.heap;
  }

  remove(value: V): void {
    this.#cutOut(value);
    value.list = null;
    this.entries -= value.entries;
    this.bytes -= value.bytes;
    this.heap -= value.heap;
  }

  /** The value is now the one used last. */
  use(value: V): void {
    if (value === this.#newest) return;
    this.#cutOut(value);
    this.#append(value);
  }

  /** Takes out the value used longest ago. */
  pop(): V | null {
    const value = this.#oldest;
    if (value !== null) this.remove(value);
    return value;
  }

  /** From the one used longest ago on. */
  *values(): Generator<V> {
    for (let value = this.#oldest; value !== null; value = value.newer) yield value;
  }

  #append(value: V): void {
    value.older = this.#newest;
    value.newer = null;
    if (this.#newest === null) this.#oldest = value;
    else this.#newest.newer = value;
    this.#newest = value;
  }

  #cutOut({ older, newer }: V): void {
    if (older === null) this.#oldest = newer;
    else older.newer = newer;
    if (newer === null) this.#newest = older;
    else newer.older = older;
  }
}
