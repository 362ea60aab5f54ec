import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { drawChart } from "./chart.ts";
import type { Result } from "./measure.ts";
import { describeSetting, type Setting, writeSection } from "./page.ts";
import { SCENARIOS } from "./scenarios.ts";
import { scenarioTable } from "./table.ts";
import type { Ratios } from "./verdict.ts";

const inRoot = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
export const RECORDED = inRoot("benchmarks/recorded.json");
const CHART = inRoot("docs/images/performance.svg");

/** `benchmarks/recorded.json`: what `--check` holds Headgate to. */
export interface Recorded extends Setting {
  readonly ratios: Ratios;
}

export interface Run extends Setting {
  readonly results: readonly Result[];
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
  return [describeSetting(run), chart, ...sections].join("\n\n");
}

/** Writes docs/performance.md and its chart. Returns the files. */
export function recordFigures(run: Run): readonly string[] {
  mkdirSync(inRoot("docs/images"), { recursive: true });
  writeFileSync(CHART, drawChart(run.results));
  return [writeSection("figures", "pnpm bench --record", describeFigures(run)), CHART];
}

/** Writes what `--check` holds Headgate to. Returns the file. */
export function recordRatios({ ratios, ...rest }: Recorded): string {
  const rounded = Object.fromEntries(Object.entries(ratios).map(([name, ratio]) => [name, Number(ratio.toFixed(3))]));
  writeFileSync(RECORDED, `${JSON.stringify({ ...rest, ratios: rounded }, null, 2)}\n`);
  return RECORDED;
}
