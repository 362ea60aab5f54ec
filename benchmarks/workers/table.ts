import { median } from "../src/statistics.ts";
import { markdownTable } from "../src/table.ts";
import type { Scaled } from "./scaling.ts";

/** How many times as much two workers get done, by repetition: median, least and most. */
export function speedUp({ small, large }: Scaled): {
  readonly median: number;
  readonly min: number;
  readonly max: number;
} {
  const ratios = small.map((one, at) => (large[at] ?? Number.NaN) / one);
  return { median: median(ratios), min: Math.min(...ratios), max: Math.max(...ratios) };
}

const whole = (value: number): string => Math.round(value).toLocaleString("en-US");

/** One row for each scenario and proxy: medians of both, and how they compare by repetition. */
export function scalingTable(results: readonly Scaled[]): string {
  const rows = results.map((each) => {
    const ratio = speedUp(each);
    const spread = `${ratio.min.toFixed(2)}–${ratio.max.toFixed(2)}`;
    const rates = [each.small, each.large].map((values) => whole(median(values)));
    return [each.scenario, each.peer, ...rates, `× ${ratio.median.toFixed(2)} (${spread})`];
  });
  return markdownTable([["scenario", "proxy", "one worker, req/s", "two, req/s", "two / one (min–max)"], ...rows]);
}
