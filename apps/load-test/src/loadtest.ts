import { writeFileSync } from "node:fs";
import { type Body, loadBody } from "./body.ts";
import { compareRuns, readEarlier } from "./compare.ts";
import { createArrivals } from "./load/arrivals.ts";
import { type Plan, type RunResult, runLoad } from "./load/run.ts";
import { checkOptions, type LoadOptions } from "./options.ts";
import { planLoad } from "./plan.ts";
import { isLoopback, probe } from "./probe.ts";
import { createProgress } from "./progress.ts";
import { formatRate, formatTime } from "./report/format.ts";
import { renderHtml } from "./report/html.ts";
import { renderText } from "./report/text.ts";
import { judge } from "./slo.ts";
import type { Summary } from "./summary.ts";
import { misses } from "./verdict.ts";

/** Exit statuses, as `--help` tells them. */
export const exitCodes = { met: 0, missed: 1, arguments: 2, unreachable: 3, interrupted: 130 } as const;

/** Where it writes; progress and complaints go to `err`. */
export interface Outputs {
  readonly out: NodeJS.WriteStream;
  readonly err: NodeJS.WriteStream;
}

interface Checked {
  readonly options: LoadOptions;
  readonly body: Body;
  readonly earlier: Summary | undefined;
}

/** Checks all that can be wrong before a request is sent. Gives the problems, a line each, or what it checked. */
function check(flags: Readonly<Record<string, unknown>>): Checked | readonly string[] {
  const outcome = checkOptions(flags);
  if (outcome.kind === "invalid") return outcome.problems;
  const { options } = outcome;
  const body = loadBody(options);
  const earlier = options.compare === undefined ? undefined : readEarlier(options.compare);
  const problems = [body, earlier].flatMap((one) => (one?.kind === "invalid" ? [one.problem] : []));
  for (const flag of ["html", "json"] as const) {
    const path = options[flag];
    const problem = path === undefined ? undefined : tryToWrite(path);
    if (problem !== undefined) problems.push(`--${flag}: ${problem}`);
  }
  if (problems.length > 0 || body.kind === "invalid" || earlier?.kind === "invalid") return problems;
  return { options, body: body.body, earlier: earlier?.summary };
}

/** Opens a file for writing without changing it, so that a wrong path shows before the load and not after. */
function tryToWrite(path: string): string | undefined {
  try {
    writeFileSync(path, "", { flag: "a" });
    return undefined;
  } catch (error) {
    return `cannot write: ${(error as Error).message}`;
  }
}

/** The target as reports show it: a password in the URL stays out of them. */
function shownUrl(url: URL): string {
  const shown = new URL(url);
  shown.username = "";
  shown.password = "";
  return shown.href;
}

function summarise({ url, method, rate, seconds, connections }: Plan, startedAt: Date, result: RunResult): Summary {
  const { measured, ...ran } = result;
  return {
    version: 1,
    startedAt: startedAt.toISOString(),
    target: { method, url: shownUrl(url) },
    asked: { rate, seconds, requests: createArrivals(rate, seconds).total, connections: connections.most },
    ...ran,
    rate: measured.requests.answered / result.seconds,
    ...measured,
  };
}

function publish({ options, earlier }: Checked, summary: Summary, { out }: Outputs): number {
  const verdicts = judge(options.slo ?? [], summary);
  const changes = earlier === undefined ? [] : compareRuns(earlier, summary);
  const input = { summary, verdicts, changes };
  out.write(`${renderText(input)}\n`);
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(summary, null, 2)}\n`);
  if (options.html !== undefined) writeFileSync(options.html, renderHtml(input));
  if (summary.interrupted) return exitCodes.interrupted;
  return misses(summary, verdicts).length === 0 ? exitCodes.met : exitCodes.missed;
}

function hint(url: URL): string {
  return isLoopback(url) ? "Start the gateway with `pnpm dev`, or name another target with --url." : "Check --url.";
}

/** Runs a load test from flags to reports; `signal` stops it early. Resolves with the exit status. */
export async function loadtest(
  flags: Readonly<Record<string, unknown>>,
  outputs: Outputs,
  signal: AbortSignal,
): Promise<number> {
  const checked = check(flags);
  if (!("options" in checked)) {
    for (const problem of checked) outputs.err.write(`loadtest: ${problem}\n`);
    return exitCodes.arguments;
  }
  const { options, body } = checked;
  const plan = planLoad(options, body);
  const shown = shownUrl(plan.url);
  const reached = await probe(plan.url, options.insecure);
  if (reached.kind === "unreachable") {
    outputs.err.write(`loadtest: cannot reach ${shown}: ${reached.reason}. ${hint(plan.url)}\n`);
    return exitCodes.unreachable;
  }
  outputs.out.write(`${plan.method} ${shown}: ${formatRate(plan.rate)} for ${formatTime(plan.seconds * 1000)}\n`);
  const startedAt = new Date();
  const progress = createProgress(outputs.err, createArrivals(plan.rate, plan.seconds).total);
  const result = await runLoad(plan, signal, (one) => progress.update(one)).finally(() => progress.stop());
  return publish(checked, summarise(plan, startedAt, result), outputs);
}
