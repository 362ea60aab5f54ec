// Whether a request costs the same when things grow: `pnpm bench:growth [--case a,b] [--reps N] [--seconds N] [--record]`.
import { Command, CommanderError } from "commander";
import { describeMachine } from "../src/machine.ts";
import { listOf, wholeNumber } from "../src/options.ts";
import { describeSetting, writeSection } from "../src/page.ts";
import { findProgram, Processes } from "../src/processes.ts";
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
const tell = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

function readOptions(): Options {
  return new Command("bench:growth")
    .description("CPU time for each request, small against large: cache entries, backends, routes, header fields.")
    .option("--case <names>", `of ${NAMES.join(", ")}, separated by commas`, listOf(NAMES), NAMES)
    .option("--reps <n>", "repetitions, interleaved", wholeNumber, 5)
    .option("--seconds <n>", "length of each repetition", wholeNumber, 2)
    .option("--warm-up <n>", "seconds of load before the first repetition", wholeNumber, 4)
    .option("--record", "write the table into docs/performance.md", false)
    .allowExcessArguments(false)
    .exitOverride()
    .parse(
      process.argv.slice(2).filter((each) => each !== "--"),
      { from: "user" },
    )
    .opts<Options>();
}

async function measure(processes: Processes, options: Options): Promise<string> {
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

async function main(): Promise<void> {
  const options = readOptions();
  for (const program of ["wrk", "nginx"])
    if (!findProgram(program)) throw new Error(`${program} is not installed: apt-get install ${program}`);
  const command = ["pnpm bench:growth", ...process.argv.slice(2)].join(" ");
  const setting = { date: new Date().toISOString().slice(0, 10), command, machine: describeMachine([]) };
  const processes = new Processes(tell);
  const stop = (): void => void processes.close().then(() => process.exit(130));
  process.on("SIGINT", stop).on("SIGTERM", stop);
  try {
    const text = `${describeSetting(setting)}\n\n${await measure(processes, options)}`;
    process.stdout.write(`${text}\n`);
    if (options.record) tell(`written: ${writeSection("growth", "pnpm bench:growth --record", text)}`);
  } finally {
    await processes.close();
  }
}

try {
  await main();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else {
    tell((error as Error).message);
    process.exitCode = 1;
  }
}
