import type { Result } from "../src/measure.ts";

/** A result with figures of no interest but for those that are given. */
export function result(given: Partial<Result> & Pick<Result, "peer">): Result {
  return {
    ...{ scenario: "pass1k", micros: { median: 20, min: 18, max: 25 }, perSecond: 12_345.6, p50: 1.234, p99: 5.678 },
    ...{ cpuUsed: 0.987, errors: 0, peakMb: 61.2, rate: null, connectionKb: null },
    ...given,
  };
}

export const cost = (median: number): Pick<Result, "micros"> => ({
  micros: { median, min: median - 1, max: median + 1 },
});
