export interface SuccessRateOptions {
  /** How many standard deviations below the mean is too low. Default 1.9. */
  readonly deviations?: number;
  /** Backends with enough attempts that it takes to compare. Default 5. */
  readonly minimumBackends?: number;
  /** Attempts of an interval that are enough. Default 100. */
  readonly minimumAttempts?: number;
}

/** One backend's attempts of an interval. */
export interface RateSample<Id> {
  readonly id: Id;
  readonly attempts: number;
  /** Those that ended neither in a 5xx nor without an answer. */
  readonly succeeded: number;
}

/**
 * The backends whose success rate is below the mean of all by more than 1.9 standard deviations.
 * Source: Envoy's success rate outlier detection.
 */
export function successRateOutliers<Id>(samples: readonly RateSample<Id>[], options: SuccessRateOptions = {}): Id[] {
  const { deviations = 1.9, minimumBackends = 5, minimumAttempts = 100 } = options;
  const enough = samples.filter(({ attempts }) => attempts >= minimumAttempts);
  if (enough.length < minimumBackends) return [];
  const rates = enough.map(({ attempts, succeeded }) => succeeded / attempts);
  const mean = average(rates);
  const deviation = Math.sqrt(average(rates.map((rate) => (rate - mean) ** 2)));
  const least = mean - deviations * deviation;
  return enough.filter((_, index) => (rates[index] ?? 1) < least).map(({ id }) => id);
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
