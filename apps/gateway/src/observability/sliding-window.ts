import { bucketOf, LATENCY_BUCKETS, quantileMs } from "./latency-buckets.ts";

/** Seconds that rates and percentiles of the status table look back. */
export const WINDOW_SECONDS = 10;

interface Slot {
  second: number;
  events: number;
  readonly latencies: Uint32Array;
}

/** Events of a short time that are counted together. */
export interface Burst {
  readonly events: number;
  /** By `bucketOf` their latency. */
  readonly buckets: ReadonlyMap<number, number>;
}

/** Rate and latency of the last ten seconds in a fixed 7 KiB: a ring of one-second slots. Times are monotonic ms. */
export class SlidingWindow {
  readonly #since: number;
  readonly #slots: readonly Slot[];

  /** @param since when counting began, so that a young window does not divide by seconds that never were */
  constructor(since: number) {
    this.#since = since;
    this.#slots = Array.from({ length: WINDOW_SECONDS }, () => ({
      second: Number.NEGATIVE_INFINITY,
      events: 0,
      latencies: new Uint32Array(LATENCY_BUCKETS),
    }));
  }

  /** Counts an event at `now`, and its latency in ms unless that is null. */
  add(now: number, latency: number | null): void {
    const slot = this.#slotAt(Math.floor(now / 1000));
    if (slot === undefined) return;
    slot.events++;
    if (latency === null) return;
    const bucket = bucketOf(latency);
    slot.latencies[bucket] = (slot.latencies[bucket] ?? 0) + 1;
  }

  /** Counts events of a burst that ended at `now`: how many, and how many of them fell into each bucket of latency. */
  addBurst(now: number, { events, buckets }: Burst): void {
    const slot = this.#slotAt(Math.floor(now / 1000));
    if (slot === undefined) return;
    slot.events += events;
    for (const [bucket, count] of buckets) slot.latencies[bucket] = (slot.latencies[bucket] ?? 0) + count;
  }

  /** Events a second. The running second counts for the part of it that is over. */
  perSecond(now: number): number {
    let events = 0;
    for (const slot of this.#live(now)) events += slot.events;
    const windowStart = (Math.floor(now / 1000) - WINDOW_SECONDS + 1) * 1000;
    const seconds = (now - Math.max(windowStart, this.#since)) / 1000;
    return events / Math.max(1, seconds);
  }

  /** The 99th percentile in ms; null where nothing was measured. */
  p99(now: number): number | null {
    const sum = new Uint32Array(LATENCY_BUCKETS);
    for (const { latencies } of this.#live(now)) {
      for (const [bucket, count] of latencies.entries()) sum[bucket] = (sum[bucket] ?? 0) + count;
    }
    return quantileMs(sum, 0.99);
  }

  /** Whether nothing has happened for a whole window. */
  isIdle(now: number): boolean {
    return this.#live(now).length === 0;
  }

  #live(now: number): Slot[] {
    const oldest = Math.floor(now / 1000) - WINDOW_SECONDS + 1;
    return this.#slots.filter((slot) => slot.second >= oldest);
  }

  #slotAt(second: number): Slot | undefined {
    const slot = this.#slots[second % WINDOW_SECONDS];
    if (slot !== undefined && slot.second !== second) {
      slot.second = second;
      slot.events = 0;
      slot.latencies.fill(0);
    }
    return slot;
  }
}
