import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { drawChart } from "./chart.ts";
import type { Machine } from "./machine.ts";
import type { Result } from "./measure.ts";
import { SCENARIOS } from "./scenarios.ts";
import { scenarioTable } from "./table.ts";
import type { Ratios } from "./verdict.ts";

const inRoot = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
export const RECORDED = inRoot("benchmarks/recorded.json");
const PAGE = inRoot("docs/performance.md");
const CHART = inRoot("docs/images/performance.svg");

const BEGIN = "<!-- figures: written by `pnpm bench --record` -->";
const END = "<!-- end of figures -->";

/** With what figures were measured. */
export interface Setting {
  /** Day of the run, ISO 8601. */
  readonly date: string;
  readonly command: string;
  readonly machine: Machine;
}

/** `benchmarks/recorded.json`: what `--check` holds Headgate to. */
export interface Recorded extends Setting {
  readonly ratios: Ratios;
}

export interface Run extends Setting {
  readonly results: readonly Result[];
}

/** The page with its generated part replaced. Throws where it has no markers. */
export function replaceFigures(page: string, figures: string): string {
  const from = page.indexOf(BEGIN);
  const to = page.indexOf(END);
  if (from < 0 || to < from)
    throw new Error(`docs/performance.md has no lines '${BEGIN}' and '${END}' to write between`);
  return `${page.slice(0, from + BEGIN.length)}\n\n${figures}\n\n${page.slice(to)}`;
}

function describeRun({ date, command, machine }: Setting): string {
  const versions = Object.entries(machine.versions).map(([name, version]) => `${name} ${version}`);
  const hardware = `${machine.cpus} × ${machine.cpu}, ${machine.memoryGb} GiB, ${machine.kernel}`;
  return `${date}, \`${command}\` at commit ${machine.commit}, on ${hardware}, Node ${machine.node}.\n${versions.join(", ")}.`;
}

/** Table and chart as Markdown. */
export function describeFigures(run: Run): string {
  const sections = SCENARIOS.flatMap((scenario) => {
    const results = run.results.filter(({ scenario: name }) => name === scenario.name);
    return results.length === 0
      ? []
      : [`### ${scenario.title} (\`${scenario.name}\`)\n\n${scenarioTable(scenario, results)}`];
  });
  const chart = "![CPU time for each request, by scenario and proxy](images/performance.svg)";
  return [describeRun(run), chart, ...sections].join("\n\n");
}

/** Writes docs/performance.md and its chart. Returns the files. */
export function recordFigures(run: Run): readonly string[] {
  const page = replaceFigures(readFileSync(PAGE, "utf8"), describeFigures(run));
  mkdirSync(inRoot("docs/images"), { recursive: true });
  writeFileSync(CHART, drawChart(run.results));
  writeFileSync(PAGE, page);
  return [PAGE, CHART];
}

/** Writes what `--check` holds Headgate to. Returns the file. */
export function recordRatios({ ratios, ...rest }: Recorded): string {
  const rounded = Object.fromEntries(Object.entries(ratios).map(([name, ratio]) => [name, Number(ratio.toFixed(3))]));
  writeFileSync(RECORDED, `${JSON.stringify({ ...rest, ratios: rounded }, null, 2)}\n`);
  return RECORDED;
}
