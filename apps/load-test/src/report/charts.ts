import type { Latency, Summary } from "../summary.ts";
import { type Chart, drawChart, type Line } from "./chart.ts";

/** Percentiles by nines: 0, 90, 99, 99.9 and 99.99 stand at even distances. */
const nines = (percentile: number): number => -Math.log10(1 - percentile / 100) / 4;

function percentileLine(name: string, style: string, latency: Latency | null): Line {
  const named = Object.entries(latency?.percentiles ?? {}).map(([key, y]) => ({ x: nines(Number(key.slice(1))), y }));
  const points = [{ x: 0, y: latency?.min ?? null }, ...named.sort((a, b) => a.x - b.x)];
  return { name, style, points };
}

function percentileChart({ latency, serviceTime }: Summary): Chart {
  const ticks = [0, 50, 90, 99, 99.9, 99.99].map((one) => ({ x: nines(one), label: one === 0 ? "min" : `p${one}` }));
  const lines = [percentileLine("since sent", "b", serviceTime), percentileLine("since due (corrected)", "a", latency)];
  return { title: "Latency by percentile", unit: "ms", lines, ticks };
}

/** A series holds one point a second; the last may be a part of one and is left out of rates. */
function overTime(summary: Summary): { rates: Chart; times: Chart } {
  const { series, asked } = summary;
  const full = series.length > 1 ? series.slice(0, Math.max(1, Math.floor(summary.seconds))) : series;
  const last = Math.max(1, full.length - 1);
  const at = (second: number): number => second / last;
  const line = (
    name: string,
    style: string,
    of: (one: Summary["series"][number]) => number | null,
    area = false,
  ): Line => ({
    name,
    style,
    area,
    points: full.map((one) => ({ x: at(one.second), y: of(one) })),
  });
  const step = Math.max(1, Math.ceil(full.length / 10));
  const ticks = full
    .filter(({ second }) => second % step === 0)
    .map(({ second }) => ({ x: at(second), label: `${second} s` }));
  const rates = [
    line("answered", "a", ({ answered }) => answered, true),
    ...(summary.requests.failed > 0 ? [line("failed", "bad", ({ failed }) => failed, true)] : []),
    line("asked", "b", () => asked.rate),
  ];
  const times = [line("p50", "b", ({ p50 }) => p50), line("p99", "a", ({ p99 }) => p99)];
  return {
    rates: { title: "Requests over time", unit: "a second", lines: rates, ticks },
    times: { title: "Latency over time", unit: "ms", lines: times, ticks },
  };
}

/** The report's three charts as SVG. */
export function drawCharts(summary: Summary): string {
  const { rates, times } = overTime(summary);
  return [percentileChart(summary), rates, times].map(drawChart).join("\n");
}
