/** An open schedule: requests are due at even distances, whatever becomes of those before. */
export interface Arrivals {
  readonly total: number;
  /** How many become due up to `elapsed` (ms since the start) that were not taken before. */
  take(elapsed: number): number;
  /** When the next one is due, ms since the start; `undefined` once all are taken. */
  next(): number | undefined;
}

/** `rate` a second for `seconds`; the first at once. The total is rounded, and at least one. */
export function createArrivals(rate: number, seconds: number): Arrivals {
  const total = Math.max(1, Math.round(rate * seconds));
  const gap = 1000 / rate;
  let taken = 0;
  return {
    total,
    take(elapsed) {
      // The small addition keeps a moment that `next` told from falling a rounding error short.
      const due = Math.min(total, Math.floor(elapsed / gap + 1e-9) + 1) - taken;
      taken += due;
      return due;
    },
    next: () => (taken < total ? taken * gap : undefined),
  };
}
