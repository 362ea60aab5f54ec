import { build, type Histogram } from "hdr-histogram-js";
import { type Latency, percentiles } from "../summary.ts";

/** Times in milliseconds, kept as whole microseconds to three digits in memory that does not grow with their number. */
export interface TimeHistogram {
  record(ms: number): void;
  /** One percentile, 0 to 100; `null` where nothing was recorded. */
  at(percentile: number): number | null;
  summary(): Latency | null;
  reset(): void;
}

const ms = (microseconds: number): number => Math.round(microseconds) / 1000;

export function createHistogram(): TimeHistogram {
  const histogram: Histogram = build({ bitBucketSize: 32, numberOfSignificantValueDigits: 3 });
  const at = (percentile: number): number | null =>
    // The histogram answers with a bucket's upper end, which may lie above all that was seen.
    histogram.totalCount === 0 ? null : ms(Math.min(histogram.getValueAtPercentile(percentile), histogram.maxValue));
  return {
    record: (value) => histogram.recordValue(Math.max(1, Math.round(value * 1000))),
    at,
    summary: () => {
      if (histogram.totalCount === 0) return null;
      const named = percentiles.map((one) => [`p${one}`, at(one) ?? 0]);
      return {
        min: ms(histogram.minNonZeroValue),
        mean: ms(histogram.mean),
        max: ms(histogram.maxValue),
        percentiles: Object.fromEntries(named) as Record<string, number>,
      };
    },
    reset: () => histogram.reset(),
  };
}
