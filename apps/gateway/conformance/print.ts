import type { Verdict } from "./judge.ts";

/** The verdict as a person reads it. */
export function report({ scores, known, unexpected, outdated, declined }: Verdict): string {
  const lines = scores.map(({ kind, passed, all }) => `${kind.padEnd(9)} ${passed} of ${all}`);
  lines.push("", "not shown, on purpose:");
  for (const { ids, rule, reason } of known) lines.push(`  ${ids.join(", ")}`, `      ${rule}: ${reason}`);
  lines.push("", `questions that the standards leave open, answered with no: ${declined.join(", ")}`);
  if (unexpected.length > 0) lines.push("", "FAILED:");
  for (const { id, name, message } of unexpected) lines.push(`  ${id}: ${name}`, `      ${message}`);
  if (outdated.length > 0) lines.push("", `listed in conformance/known.ts, but not failing: ${outdated.join(", ")}`);
  return `${lines.join("\n")}\n`;
}

/** The counts in the form of a jest report, for `scripts/count-tests.mjs`: known deviations count as skipped. */
export function counts({ scores, known, unexpected, outdated }: Verdict): object {
  const judged = scores.filter(({ kind }) => kind !== "check");
  return {
    numPassedTests: judged.reduce((sum, { passed }) => sum + passed, 0),
    numFailedTests: unexpected.length + outdated.length,
    numPendingTests: known.flatMap(({ ids }) => ids).length,
    numTodoTests: 0,
  };
}
