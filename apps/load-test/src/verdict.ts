import { formatCount, formatNumber, formatRate, formatShare, formatTime } from "./report/format.ts";
import type { Verdict } from "./slo.ts";
import { rateMet, type Summary } from "./summary.ts";

/** What was measured for an objective, as a person reads it. */
export function formatActual({ actual, objective }: Verdict): string {
  if (actual === null) return objective.metric === "hit" ? "no answer had X-Cache" : "nothing was measured";
  if (objective.unit === "time") return formatTime(actual);
  return objective.unit === "share" ? formatShare(actual) : formatNumber(actual);
}

/** Everything that was missed, a line each; none where the run was good. */
export function misses(summary: Summary, verdicts: readonly Verdict[]): readonly string[] {
  const { rate, asked, requests } = summary;
  const lines: string[] = [];
  if (!rateMet(summary)) {
    const unsent =
      requests.unsent > 0 ? `; ${formatCount(requests.unsent)} were never sent, as no connection was free` : "";
    lines.push(`the asked rate: ${formatRate(rate)} answered of ${formatRate(asked.rate)}${unsent}`);
  }
  for (const verdict of verdicts) {
    if (!verdict.met) lines.push(`the objective ${verdict.objective.text}: ${formatActual(verdict)}`);
  }
  return lines;
}
