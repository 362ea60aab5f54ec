import Table from "cli-table3";
import type { Change } from "../compare.ts";
import type { Verdict } from "../slo.ts";
import { attempted, errorCount, type Latency, type Summary, total } from "../summary.ts";
import { formatActual, misses } from "../verdict.ts";
import { formatBytes, formatCount, formatRate, formatShare, formatTime } from "./format.ts";

/** All that a report shows. */
export interface ReportInput {
  readonly summary: Summary;
  readonly verdicts: readonly Verdict[];
  /** Against an earlier run; empty without one. */
  readonly changes: readonly Change[];
}

const borders = [
  "top",
  "top-mid",
  "top-left",
  "top-right",
  "bottom",
  "bottom-mid",
  "bottom-left",
  "bottom-right",
] as const;
const inner = ["left", "left-mid", "mid", "mid-mid", "right", "right-mid"] as const;
const bare = Object.fromEntries([...borders, ...inner].map((name) => [name, ""]));

/** A table without lines; the first column is left-aligned, the others are figures. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const colAligns = head.map((_, column) => (column === 0 ? ("left" as const) : ("right" as const)));
  const style = { head: [], border: [], "padding-left": 0, "padding-right": 0 };
  const drawn = new Table({ head: [...head], colAligns, style, chars: { ...bare, middle: "   " } });
  drawn.push(...rows.map((row) => [...row]));
  return drawn.toString();
}

function latencyTable({ latency, serviceTime }: Summary): string {
  if (latency === null) return "Latency    nothing was measured: no answer came";
  const names = ["p50", "p90", "p99", "p99.9"];
  const row = (name: string, of: Latency | null): string[] => {
    if (of === null) return [name, "-", "-", "-", "-", "-", "-"];
    return [name, ...names.map((one) => formatTime(of.percentiles[one] ?? 0)), formatTime(of.max), formatTime(of.mean)];
  };
  const rows = [row("since due (corrected)", latency), row("since sent", serviceTime)];
  return table(["Latency", ...names, "max", "mean"], rows);
}

function listCounts(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${name}: ${formatCount(count)}`)
    .join("   ");
}

function backendLines({ backends }: Summary): string {
  const all = total(backends);
  if (all === 0) return "Backends   not told (no answer had X-Backend-Server)";
  const rows = Object.entries(backends).map(([name, count]) => [name, formatCount(count), formatShare(count / all)]);
  return table(["Backends", "answers", "share"], rows);
}

function requestLines({ requests, rate, asked, interrupted, testerLag, seconds }: Summary): string[] {
  const open = requests.unfinished > 0 ? `, ${formatCount(requests.unfinished)} unfinished` : "";
  const unsent = requests.unsent > 0 ? `, ${formatCount(requests.unsent)} never sent (no connection was free)` : "";
  const counts = `${formatCount(requests.answered)} answered, ${formatCount(requests.failed)} failed${open}${unsent}`;
  return [
    ...(interrupted ? [`Stopped after ${formatTime(seconds * 1000)}: these are the figures up to then.`] : []),
    `Requests   ${formatCount(requests.sent)} of ${formatCount(asked.requests)} sent, ${counts}`,
    `Rate       ${formatRate(rate)} achieved, ${formatRate(asked.rate)} asked`,
    `Received   ${formatBytes(requests.bytesReceived)}`,
    ...(testerLag > 100
      ? [`Note       the tester itself was late by up to ${formatTime(testerLag)}: this machine is busy`]
      : []),
  ];
}

/** All that went wrong: requests without an answer by kind, and answers of 400 and above. */
function errorLine(summary: Summary): string {
  const { requests, errors } = summary;
  const wrong = errorCount(summary);
  if (wrong === 0) return "Errors     none";
  const refused = wrong - requests.failed - requests.unsent;
  const kinds = { ...errors, ...(requests.unsent > 0 ? { "never sent": requests.unsent } : {}) };
  const all = { ...kinds, ...(refused > 0 ? { "status of 400 or above": refused } : {}) };
  return `Errors     ${formatCount(wrong)} (${formatShare(wrong / attempted(summary))})   ${listCounts(all)}`;
}

function cacheLine({ cache }: Summary): string {
  if (cache === null) return "Cache      not told (no answer had X-Cache)";
  return `Cache      ${formatShare(cache.hitRatio)} hits   ${listCounts(cache.results)}`;
}

function verdictLines({ summary, verdicts }: ReportInput): string[] {
  const objectives = verdicts.map(
    (one) => `  ${one.met ? "met   " : "MISSED"}  ${one.objective.text}   (${formatActual(one)})`,
  );
  const missed = misses(summary, verdicts);
  const end = missed.length === 0 ? ["Passed."] : missed.map((one) => `Missed ${one}.`);
  return [...(objectives.length > 0 ? ["Objectives", ...objectives, ""] : []), ...end];
}

function changeLines(changes: readonly Change[]): string[] {
  if (changes.length === 0) return [];
  const marks = { yes: "better", no: "worse", same: "", unknown: "" } as const;
  const rows = changes.map((one) => [one.name, one.before, one.after, one.change, marks[one.better]]);
  return [table(["Compared", "before", "now", "change", ""], rows), ""];
}

/** The report for a terminal or a file: plain text, no colours. */
export function renderText(input: ReportInput): string {
  const { summary, changes } = input;
  const parts = [
    "",
    ...requestLines(summary),
    "",
    latencyTable(summary),
    "",
    `Status     ${listCounts(summary.statuses) || "no answers"}`,
    errorLine(summary),
    cacheLine(summary),
    "",
    backendLines(summary),
    "",
    ...changeLines(changes),
    ...verdictLines(input),
  ];
  return parts
    .flatMap((part) => part.split("\n"))
    .map((line) => line.trimEnd())
    .join("\n");
}
