import { attempted, errorCount, type Latency, total } from "../summary.ts";
import { formatActual, misses } from "../verdict.ts";
import { drawCharts } from "./charts.ts";
import { formatBytes, formatCount, formatRate, formatShare, formatTime } from "./format.ts";
import { escapeMarkup } from "./markup.ts";
import { styles } from "./styles.ts";
import type { ReportInput } from "./text.ts";

type Rows = readonly (readonly string[])[];

function table(title: string, head: readonly string[], rows: Rows): string {
  if (rows.length === 0) return "";
  const cells = (tag: string, row: readonly string[]): string =>
    `<tr>${row.map((cell) => `<${tag}>${escapeMarkup(cell)}</${tag}>`).join("")}</tr>`;
  const body = rows.map((row) => cells("td", row)).join("");
  return `<section><h2>${escapeMarkup(title)}</h2><table>${cells("th", head)}${body}</table></section>`;
}

function countRows(counts: Readonly<Record<string, number>>): Rows {
  const all = total(counts);
  return Object.entries(counts).map(([name, count]) => [name, formatCount(count), formatShare(count / all)]);
}

function cards({ summary }: ReportInput): string {
  const { rate, latency, cache, asked } = summary;
  const time = (of: (latency: Latency) => number | undefined): string =>
    latency === null ? "-" : formatTime(of(latency) ?? 0);
  const errors = attempted(summary) === 0 ? 0 : errorCount(summary) / attempted(summary);
  const shown = [
    ["Rate", formatRate(rate), `${formatRate(asked.rate)} asked`],
    ["p50", time(({ percentiles }) => percentiles.p50), "corrected"],
    ["p99", time(({ percentiles }) => percentiles.p99), "corrected"],
    ["max", time(({ max }) => max), "corrected"],
    ["Errors", formatShare(errors), `${formatCount(errorCount(summary))} requests`],
    ["Cache hits", cache === null ? "-" : formatShare(cache.hitRatio), cache === null ? "not told" : "of answers"],
  ];
  const one = ([name = "", value = "", note = ""]: readonly string[]): string =>
    `<div class="card"><span>${escapeMarkup(name)}</span><strong>${escapeMarkup(value)}</strong><small>${escapeMarkup(note)}</small></div>`;
  return `<div class="cards">${shown.map(one).join("")}</div>`;
}

function outcome({ summary, verdicts }: ReportInput): string {
  const missed = misses(summary, verdicts);
  if (missed.length === 0) return '<p class="outcome good">Passed</p>';
  return `<p class="outcome bad">Missed ${missed.map(escapeMarkup).join("; ")}</p>`;
}

function tables({ summary, verdicts, changes }: ReportInput): string {
  const { statuses, errors, cache, backends } = summary;
  return [
    table(
      "Objectives",
      ["objective", "measured", ""],
      verdicts.map((one) => [one.objective.text, formatActual(one), one.met ? "met" : "missed"]),
    ),
    table(
      "Compared with the earlier run",
      ["", "before", "now", "change"],
      changes.map((one) => [one.name, one.before, one.after, one.change]),
    ),
    table("Backends", ["backend", "answers", "share"], countRows(backends)),
    table("Status codes", ["status", "answers", "share"], countRows(statuses)),
    table("Cache", ["X-Cache", "answers", "share"], countRows(cache?.results ?? {})),
    table("Requests without an answer", ["kind", "requests", "share"], countRows(errors)),
  ].join("");
}

/** The report as one HTML page that needs nothing else: styles and charts are inside, and there is no script. */
export function renderHtml(input: ReportInput): string {
  const { target, asked, startedAt, requests, interrupted } = input.summary;
  const title = `${target.method} ${target.url}`;
  const load = `${formatRate(asked.rate)} for ${formatTime(asked.seconds * 1000)} over up to ${formatCount(asked.connections)} connections`;
  const got = `${formatCount(requests.sent)} sent, ${formatCount(requests.answered)} answered, ${formatBytes(requests.bytesReceived)} received`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Load test: ${escapeMarkup(title)}</title>
<style>${styles}</style>
</head>
<body>
<main>
<h1>${escapeMarkup(title)}</h1>
<p class="about">${escapeMarkup(load)}. ${escapeMarkup(got)}${interrupted ? ", stopped early" : ""}. ${escapeMarkup(startedAt)}</p>
${outcome(input)}
${cards(input)}
${drawCharts(input.summary)}
<div class="tables">${tables(input)}</div>
<p class="about">Latency counts from the moment a request was due, so a target that stalls cannot hide the requests that had to wait
(coordinated omission). Time-outs and requests that were never sent count with the time that they had waited.</p>
</main>
</body>
</html>
`;
}
