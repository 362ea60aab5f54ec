// Whether a request costs the same when things grow: `pnpm bench:growth [--case a,b] [--reps N] [--seconds N] [--record]`.
import { Command } from "commander";
import { describeMachine } from "../src/machine.ts";
import { listOf, optionsOf, wholeNumber } from "../src/options.ts";
import { describeSetting, writeSection } from "../src/page.ts";
import type { Processes } from "../src/processes.ts";
import { runBenchmark, type Tell } from "../src/run.ts";
import { createWorld } from "../src/world.ts";
import { casesFor, HOSTS } from "./cases.ts";
import { Contest, type Result } from "./contest.ts";
import { growthTable } from "./table.ts";

interface Options {
  readonly case: readonly string[];
  readonly reps: number;
  readonly seconds: number;
  readonly warmUp: number;
  readonly record: boolean;
}

const NAMES = casesFor([0]).map(({ name }) => name);
const IDLE_SECONDS = 8;

function readOptions(): Options {
  const command = new Command("bench:growth")
    .description("CPU time for each request, small against large: cache entries, backends, routes, header fields.")
    .option("--case <names>", `of ${NAMES.join(", ")}, separated by commas`, listOf(NAMES), NAMES)
    .option("--reps <n>", "repetitions, interleaved", wholeNumber, 8)
    .option("--seconds <n>", "length of each repetition", wholeNumber, 2)
    .option("--warm-up <n>", "seconds of load before the first repetition", wholeNumber, 4)
    .option("--record", "write the table into docs/performance.md", false);
  return optionsOf(command, process.argv.slice(2));
}

async function measure(options: Options, processes: Processes, tell: Tell): Promise<string> {
  const { origins } = await createWorld(processes, false, HOSTS);
  const contest = new Contest(processes, { ...options, repetitions: options.reps }, tell);
  const cases = casesFor(origins).filter(({ name }) => options.case.includes(name));
  const results: Result[] = [];
  for (const one of cases) results.push(...(await contest.run(one)));
  const text = [growthTable(cases, results)];
  for (const { sizes } of cases.filter(({ name }) => name === "backends")) {
    const costs: string[] = [];
    for (const size of sizes)
      costs.push(`${(await contest.idle(size, IDLE_SECONDS)).toFixed(1)} ms with ${size.label}`);
    text.push(`CPU a second without a request, checks each second: ${costs.join(", ")}.`);
  }
  return text.join("\n\n");
}

await runBenchmark(readOptions, ["wrk", "nginx"], async (options, processes, tell) => {
  const command = ["pnpm bench:growth", ...process.argv.slice(2)].join(" ");
  const setting = { date: new Date().toISOString().slice(0, 10), command, machine: describeMachine([]) };
  const text = `${describeSetting(setting)}\n\n${await measure(options, processes, tell)}`;
  process.stdout.write(`${text}\n`);
  if (options.record) tell(`written: ${writeSection("growth", "pnpm bench:growth --record", text)}`);
});
