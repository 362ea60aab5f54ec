import type { Load } from "../load.ts";
import { quantile } from "../statistics.ts";

/** Sums up what a client saw. Latencies and the time it took in ms. */
export function toLoad(latencies: readonly number[], elapsed: number, errors: number): Load {
  const sorted = Float64Array.from(latencies).sort();
  return {
    requests: sorted.length,
    perSecond: (sorted.length * 1000) / elapsed,
    p50: quantile(sorted, 0.5),
    p99: quantile(sorted, 0.99),
    errors,
  };
}
