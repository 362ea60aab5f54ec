import { bucketOf, LATENCY_BUCKETS, quantileMs } from "./latency-buckets.ts";

/** Seconds that rates and percentiles of the status table look back. */
export const WINDOW_SECONDS = 10;

/** Of a slot: which second it is for, plus one, so that 0 is none; its events; then how many of them fell into each bucket. */
const SECOND = 0;
const EVENTS = 1;
const LATENCIES = 2;
const SLOT: number = LATENCIES + LATENCY_BUCKETS;

/** Events of a short time that are counted together. */
export interface Burst {
  readonly events: number;
  /** By `bucketOf` their latency. */
  readonly buckets: ReadonlyMap<number, number>;
}

/**
 * Rate and latency of the last ten seconds in a fixed 7 KiB: a ring of one-second slots. In one piece, since among a thousand backends
 * each step from object to object is one into memory that no processor's cache holds. Times are monotonic ms.
 */
export class SlidingWindow {
  readonly #since: number;
  readonly #slots = new Uint32Array(WINDOW_SECONDS * SLOT);

  /** @param since when counting began, so that a young window does not divide by seconds that never were */
  constructor(since: number) {
    this.#since = since;
  }

  /** Counts an event at `now`, and its latency in ms unless that is null. */
  add(now: number, latency: number | null): void {
    const slot = this.#slotAt(now);
    this.#count(slot + EVENTS, 1);
    if (latency !== null) this.#count(slot + LATENCIES + bucketOf(latency), 1);
  }

  /** Counts events of a burst that ended at `now`: how many, and how many of them fell into each bucket of latency. */
  addBurst(now: number, { events, buckets }: Burst): void {
    const slot = this.#slotAt(now);
    this.#count(slot + EVENTS, events);
    for (const [bucket, count] of buckets) this.#count(slot + LATENCIES + bucket, count);
  }

  /** Events a second. The running second counts for the part of it that is over. */
  perSecond(now: number): number {
    let events = 0;
    for (const slot of this.#live(now)) events += this.#slots[slot + EVENTS] ?? 0;
    const windowStart = (Math.floor(now / 1000) - WINDOW_SECONDS + 1) * 1000;
    const seconds = (now - Math.max(windowStart, this.#since)) / 1000;
    return events / Math.max(1, seconds);
  }

  /** The 99th percentile in ms; null where nothing was measured. */
  p99(now: number): number | null {
    const sum = new Uint32Array(LATENCY_BUCKETS);
    for (const slot of this.#live(now)) {
      const latencies = this.#slots.subarray(slot + LATENCIES, slot + SLOT);
      for (const [bucket, count] of latencies.entries()) sum[bucket] = (sum[bucket] ?? 0) + count;
    }
    return quantileMs(sum, 0.99);
  }

  /** Whether nothing has happened for a whole window. */
  isIdle(now: number): boolean {
    return this.#live(now).length === 0;
  }

  /** Where the slots begin that the window still holds. */
  #live(now: number): number[] {
    const oldest = Math.max(1, Math.floor(now / 1000) - WINDOW_SECONDS + 2);
    const begins = Array.from({ length: WINDOW_SECONDS }, (_, at) => at * SLOT);
    return begins.filter((slot) => (this.#slots[slot + SECOND] ?? 0) >= oldest);
  }

  #slotAt(now: number): number {
    const second = Math.floor(now / 1000);
    const slot = (second % WINDOW_SECONDS) * SLOT;
    if (this.#slots[slot + SECOND] !== second + 1) {
      this.#slots.fill(0, slot, slot + SLOT);
      this.#slots[slot + SECOND] = second + 1;
    }
    return slot;
  }

  #count(at: number, more: number): void {
    this.#slots[at] = (this.#slots[at] ?? 0) + more;
  }
}
