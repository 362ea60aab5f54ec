import { readFileSync } from "node:fs";
import { z } from "zod";
import { formatRate, formatShare, formatTime } from "./report/format.ts";
import { attempted, errorCount, type Summary, summarySchema } from "./summary.ts";

export type EarlierOutcome =
  | { readonly kind: "ok"; readonly summary: Summary }
  | { readonly kind: "invalid"; readonly problem: string };

/** One figure of two runs. */
export interface Change {
  readonly name: string;
  readonly before: string;
  readonly after: string;
  /** Such as `+12.5 %`; empty where one of the two is missing. */
  readonly change: string;
  readonly better: "yes" | "no" | "same" | "unknown";
}

/** Reads what an earlier run wrote with `--json`. */
export function readEarlier(path: string): EarlierOutcome {
  const invalid = (why: string): EarlierOutcome => ({ kind: "invalid", problem: `--compare: ${path}: ${why}` });
  try {
    const outcome = summarySchema.safeParse(JSON.parse(readFileSync(path, "utf8")));
    if (outcome.success) return { kind: "ok", summary: outcome.data };
    const { path: where, message } = outcome.error.issues[0] ?? { path: [], message: z.prettifyError(outcome.error) };
    return invalid(`not a report that --json wrote: ${where.join(".") || "the whole"}: ${message}`);
  } catch (error) {
    return invalid((error as Error).message);
  }
}

interface Figure {
  readonly name: string;
  readonly of: (summary: Summary) => number | null;
  readonly format: (value: number) => string;
  /** Which way is better. */
  readonly aim: "up" | "down";
}

const percentile = (name: string): Figure => ({
  name,
  of: ({ latency }) => latency?.percentiles[name] ?? null,
  format: formatTime,
  aim: "down",
});

const errorShare = (summary: Summary): number | null =>
  attempted(summary) === 0 ? null : errorCount(summary) / attempted(summary);

const figures: readonly Figure[] = [
  { name: "rate", of: ({ rate }) => rate, format: formatRate, aim: "up" },
  ...["p50", "p90", "p99", "p99.9"].map(percentile),
  { name: "max", of: ({ latency }) => latency?.max ?? null, format: formatTime, aim: "down" },
  { name: "errors", of: errorShare, format: formatShare, aim: "down" },
  { name: "cache hits", of: ({ cache }) => cache?.hitRatio ?? null, format: formatShare, aim: "up" },
];

function changeOf(before: number, after: number): string {
  if (before === after) return "same";
  if (before === 0) return "new";
  const percent = (after / before - 1) * 100;
  return `${percent > 0 ? "+" : ""}${percent.toFixed(1)} %`;
}

/** How the figures of a run differ from an earlier one's. */
export function compareRuns(before: Summary, after: Summary): readonly Change[] {
  return figures.map(({ name, of, format, aim }) => {
    const [old, now] = [of(before), of(after)];
    const show = (value: number | null): string => (value === null ? "-" : format(value));
    const shown = { name, before: show(old), after: show(now) };
    if (old === null || now === null) return { ...shown, change: "", better: "unknown" };
    const better = old === now ? "same" : now > old === (aim === "up") ? "yes" : "no";
    return { ...shown, change: changeOf(old, now), better };
  });
}
