/** A number that only grows. */
export class Count {
  value = 0;
}

/** Upper bounds of the latency buckets in seconds: a cache hit takes a tenth of a millisecond, a stuck upload a minute. */
export const LATENCY_BOUNDS: readonly number[] = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
];

/** Where a distribution keeps its sum. */
const SUM: number = LATENCY_BOUNDS.length + 1;

/** Durations by bucket. */
export class Distribution {
  /** The counts, and behind them the sum: among a thousand backends each object is one more that no processor's cache holds. */
  readonly #cells = new Float64Array(LATENCY_BOUNDS.length + 2);

  /** How many fell into each bucket of `LATENCY_BOUNDS`, not cumulated; the last is what lies beyond. */
  get counts(): Float64Array<ArrayBuffer> {
    return this.#cells.subarray(0, SUM);
  }

  /** Seconds. */
  get sum(): number {
    return this.#cells[SUM] ?? 0;
  }

  /** Adds what another has counted. */
  add({ counts, sum }: Readonly<Pick<Distribution, "counts" | "sum">>): void {
    this.#add(SUM, sum);
    for (const [bucket, count] of counts.entries()) this.#add(bucket, count);
  }

  observe(seconds: number): void {
    this.#add(SUM, seconds);
    let bucket = 0;
    while (seconds > (LATENCY_BOUNDS[bucket] ?? Number.POSITIVE_INFINITY)) bucket++;
    this.#add(bucket, 1);
  }

  #add(cell: number, more: number): void {
    this.#cells[cell] = (this.#cells[cell] ?? 0) + more;
  }
}

/**
 * Tallies by the value of a label, made when first asked for and found again without building a key. Past `limit`
 * values the rest share one, so that nobody from outside can make a metric grow without bound.
 */
export class ByLabel<K, T> {
  readonly #tallies = new Map<K, T>();
  readonly #make: () => T;
  readonly #limit: number;
  readonly #rest: K;
  /** The first one asked for, which is mostly the usual one. */
  #first: T | undefined = undefined;
  #firstLabel: K | undefined = undefined;

  /** @param rest the label that values past the limit share */
  constructor(make: () => T, limit: number, rest: K) {
    this.#make = make;
    this.#limit = limit;
    this.#rest = rest;
  }

  at(label: K): T {
    if (this.#first !== undefined && label === this.#firstLabel) return this.#first;
    const known = this.#tallies.get(label);
    if (known !== undefined) return known;
    if (this.#tallies.size >= this.#limit && label !== this.#rest) return this.at(this.#rest);
    const made = this.#make();
    this.#tallies.set(label, made);
    if (this.#first === undefined) {
      this.#first = made;
      this.#firstLabel = label;
    }
    return made;
  }

  /** As plain rows, by what `leaf` makes of each. */
  rows<R>(leaf: (tally: T) => R): [K, R][] {
    return Array.from(this.#tallies, ([label, tally]) => [label, leaf(tally)]);
  }

  /** Takes rows of another over, by what `merge` makes of each. */
  take<R>(rows: Iterable<readonly [K, R]>, merge: (tally: T, row: R) => void): void {
    for (const [label, row] of rows) merge(this.at(label), row);
  }

  /** Forgets the labels that `keep` refuses. */
  retain(keep: (label: K) => boolean): void {
    for (const label of this.#tallies.keys()) if (!keep(label)) this.#tallies.delete(label);
    if (this.#first !== undefined && !keep(this.#firstLabel as K)) this.#first = undefined;
  }

  [Symbol.iterator](): IterableIterator<[K, T]> {
    return this.#tallies.entries();
  }
}
