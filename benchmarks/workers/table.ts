import { median } from "../src/statistics.ts";
import { markdownTable } from "../src/table.ts";
import type { Scaled } from "./scaling.ts";

interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** How many times as much gets done as by one, by repetition: median, least and most. */
export function speedUp(one: readonly number[], more: readonly number[]): Spread {
  const ratios = one.map((rate, at) => (more[at] ?? Number.NaN) / rate);
  return { median: median(ratios), min: Math.min(...ratios), max: Math.max(...ratios) };
}

const whole = (value: number): string => Math.round(value).toLocaleString("en-US");

function times({ median: middle, min, max }: Spread): string {
  return `× ${middle.toFixed(2)} (${min.toFixed(2)}–${max.toFixed(2)})`;
}

/** One row for each scenario and proxy: medians of the rates, and how they compare by repetition. */
export function scalingTable(results: readonly Scaled[]): string {
  const rows = results.map(({ scenario, peer, one, two, apart }) => {
    const rates = [one, two].map((values) => whole(median(values)));
    return [scenario, peer, ...rates, times(speedUp(one, two)), times(speedUp(one, apart))];
  });
  const ratios = ["two / one (min–max)", "two proxies apart / one"];
  return markdownTable([["scenario", "proxy", "one worker, req/s", "two, req/s", ...ratios], ...rows]);
}
