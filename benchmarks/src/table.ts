import type { Result } from "./measure.ts";
import type { Scenario } from "./scenarios.ts";

/** The proxy that the others are set against. */
export const REFERENCE = "nginx";

interface Column {
  readonly title: string;
  readonly cell: (result: Result, reference: Result | undefined) => string;
}

const fixed = (value: number, digits: number): string => (Number.isFinite(value) ? value.toFixed(digits) : "–");
const count = (value: number): string => (Number.isFinite(value) ? Math.round(value).toLocaleString("en-US") : "–");

/** How a figure compares with the reference's, such as `1.25`. */
function ratio(read: (result: Result) => number): Column {
  return {
    title: `× ${REFERENCE}`,
    cell: (result, reference) => (reference === undefined ? "–" : fixed(read(result) / read(reference), 2)),
  };
}

const micros = (unit: string): Column => ({
  title: `CPU µs/${unit} (min–max)`,
  cell: ({ micros: { median, min, max } }) => `${fixed(median, 1)} (${fixed(min, 1)}–${fixed(max, 1)})`,
});
const PEER: Column = { title: "proxy", cell: ({ peer }) => peer };
const P50: Column = { title: "p50 ms", cell: ({ p50 }) => fixed(p50, 2) };
const P99: Column = { title: "p99 ms", cell: ({ p99 }) => fixed(p99, 2) };
const PEAK: Column = { title: "peak RSS MiB", cell: ({ peakMb }) => count(peakMb) };
const CPU: Column = { title: "CPU used", cell: ({ cpuUsed }) => `${count(cpuUsed * 100)} %` };
const ERRORS: Column = { title: "errors", cell: ({ errors }) => count(errors) };
const perSecond = (unit: string): Column => ({ title: `${unit}/s`, cell: (result) => count(result.perSecond) });
const costs = (unit: string, short: string): readonly Column[] => [
  ...[PEER, micros(unit), ratio((result) => result.micros.median), perSecond(short), P50, P99, PEAK, CPU, ERRORS],
];

const COLUMNS: Readonly<Record<Scenario["drive"], readonly Column[]>> = {
  wrk: costs("request", "req"),
  websocket: costs("message", "msg"),
  open: [
    ...[PEER, P50, P99, ratio(({ p99 }) => p99)],
    { title: "asked req/s", cell: ({ rate }) => (rate === null ? "–" : count(rate)) },
    ...[perSecond("req"), CPU, ERRORS],
  ],
  idle: [
    PEER,
    { title: "KiB/connection", cell: ({ connectionKb }) => (connectionKb === null ? "–" : fixed(connectionKb, 1)) },
    ratio(({ connectionKb }) => connectionKb ?? Number.NaN),
    PEAK,
  ],
};

/** The figure by which a scenario's proxies are put in order: less is better. */
export function mainFigure(result: Result, { drive }: Scenario): number {
  if (drive === "idle") return result.connectionKb ?? Number.NaN;
  return drive === "open" ? result.p99 : result.micros.median;
}

export function inOrder(results: readonly Result[], scenario: Scenario): readonly Result[] {
  return [...results].sort((a, b) => mainFigure(a, scenario) - mainFigure(b, scenario));
}

/** Rows of cells as a Markdown table whose columns stand below each other, the first to the left, figures to the right. */
export function markdownTable(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(3, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const pad = (cell: string, at: number): string =>
    at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0);
  const rule = widths.map((width, at) => (at === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`));
  const [head = [], ...body] = rows.map((row) => line(row.map(pad)));
  return [head, line(rule), ...body].join("\n");
}

/** The figures of one scenario, best first. */
export function scenarioTable(scenario: Scenario, results: readonly Result[]): string {
  const columns = COLUMNS[scenario.drive];
  const reference = results.find(({ peer }) => peer === REFERENCE);
  const rows = inOrder(results, scenario).map((result) => columns.map(({ cell }) => cell(result, reference)));
  return markdownTable([columns.map(({ title }) => title), ...rows]);
}
