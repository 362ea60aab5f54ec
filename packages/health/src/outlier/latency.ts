export interface LatencyOptions {
  /** A mean latency this many times the pool's median is too high. Default 5. */
  readonly factor?: number;
  /** Backends with enough attempts that it takes to compare. Default 3. */
  readonly minimumBackends?: number;
  /** Attempts of an interval that are enough. Default 20. */
  readonly minimumAttempts?: number;
  /** Below this no latency is too high, ms. Default 100. */
  readonly least?: number;
}

/** One backend's answered attempts of an interval. */
export interface LatencySample<Id> {
  readonly id: Id;
  readonly attempts: number;
  /** Mean, ms. */
  readonly latency: number;
}

/**
 * The backends whose mean latency is several times the median of all. Half of the backends are at or below the median, so
 * a pool that is slow as a whole has no outlier. Source: our own, after Envoy's success rate detection; peers have none.
 */
export function latencyOutliers<Id>(samples: readonly LatencySample<Id>[], options: LatencyOptions = {}): Id[] {
  const { factor = 5, minimumBackends = 3, minimumAttempts = 20, least = 100 } = options;
  const enough = samples.filter(({ attempts }) => attempts >= minimumAttempts);
  if (enough.length < minimumBackends) return [];
  const sorted = enough.map(({ latency }) => latency).sort((a, b) => a - b);
  const median = sorted[(sorted.length - 1) >> 1] ?? 0;
  const most = Math.max(least, median * factor);
  return enough.filter(({ latency }) => latency > most).map(({ id }) => id);
}
