import type { Outcome } from "@headgate/simulation";
import { type Column, renderGrid } from "./table-grid.ts";

/** One policy's outcome. */
export interface Compared {
  readonly policy: string;
  readonly outcome: Outcome;
}

const time = (ms: number): string => (Number.isNaN(ms) ? "-" : `${ms.toFixed(1)} ms`);

const number = (title: string, cell: (outcome: Outcome) => string): Column<Compared> => ({
  title,
  align: "right",
  cell: ({ outcome }) => cell(outcome),
});

const COLUMNS: readonly Column<Compared>[] = [
  { title: "Policy", align: "left", cell: ({ policy }) => policy },
  number("Mean", ({ latency }) => time(latency.mean)),
  number("p50", ({ latency }) => time(latency.p50)),
  number("p99", ({ latency }) => time(latency.p99)),
  number("Max", ({ latency }) => time(latency.max)),
  number("Imbalance", ({ imbalance }) => imbalance.toFixed(2)),
  number("In flight", ({ mostActive }) => String(mostActive)),
  number("Failed", ({ failed }) => String(failed)),
  number("Retries", ({ retries }) => String(retries)),
  number("Hedges", ({ hedges }) => String(hedges)),
];

/** A row for each policy. As wide as it is: the same figures give the same text on any terminal. */
export function renderComparison(compared: readonly Compared[]): string {
  return renderGrid(COLUMNS, [{ title: null, rows: compared }], Number.POSITIVE_INFINITY).join("\n");
}
