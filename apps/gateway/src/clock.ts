/** The gateway's two clocks, read nowhere else than in the composition root. */
export interface Clock {
  /** Wall-clock ms since the epoch: for dates, ages and logs. */
  now(): number;
  /** Monotonic ms: for durations. */
  tick(): number;
}
