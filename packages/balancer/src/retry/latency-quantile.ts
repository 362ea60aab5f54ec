/** Each bucket's upper bound is this much above the one before: quantiles are right to 10 %. */
const GROWTH = 1.1;
const LOG_GROWTH = Math.log(GROWTH);
/** Up to 1.1^160 ms, over an hour. */
const BUCKETS = 160;

/**
 * Live quantiles of latency over the last one to two windows, to within 10 %: two histograms with logarithmic buckets that
 * take turns. O(1) to add. Source: HdrHistogram's idea, with fixed buckets.
 */
export class LatencyQuantile {
  readonly #window: number;
  #current = new Uint32Array(BUCKETS);
  #previous = new Uint32Array(BUCKETS);
  #count = 0;
  #previousCount = 0;
  #rotated = 0;

  /** `window` in ms. */
  constructor(window = 30_000) {
    this.#window = window;
  }

  /** How many latencies are looked back on. */
  count(now: number): number {
    this.#rotate(now);
    return this.#count + this.#previousCount;
  }

  /** `latency` in ms. */
  add(latency: number, now: number): void {
    this.#rotate(now);
    const bucket = Math.ceil(Math.log(Math.max(1, latency)) / LOG_GROWTH);
    const index = Math.min(BUCKETS - 1, bucket);
    this.#current[index] = (this.#current[index] ?? 0) + 1;
    this.#count++;
  }

  /** The latency that a share `quantile` of them stay within, ms; undefined without any. */
  at(quantile: number, now: number): number | undefined {
    const total = this.count(now);
    if (total === 0) return undefined;
    let left = Math.ceil(quantile * total);
    for (let index = 0; index < BUCKETS; index++) {
      left -= (this.#current[index] ?? 0) + (this.#previous[index] ?? 0);
      if (left <= 0) return GROWTH ** index;
    }
    return undefined;
  }

  #rotate(now: number): void {
    const passed = now - this.#rotated;
    if (passed < this.#window) return;
    [this.#previous, this.#current] = [this.#current, this.#previous.fill(0)];
    this.#previousCount = this.#count;
    if (passed >= 2 * this.#window) {
      this.#previous.fill(0);
      this.#previousCount = 0;
    }
    this.#count = 0;
    this.#rotated = now;
  }
}
