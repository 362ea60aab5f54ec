// What a second worker brings: `pnpm bench:workers [--reps N] [--seconds N] [--warm-up N] [--record]`.
import { Command } from "commander";
import { describeMachine } from "../src/machine.ts";
import { optionsOf, wholeNumber } from "../src/options.ts";
import { describeSetting, writeSection } from "../src/page.ts";
import { runBenchmark } from "../src/run.ts";
import { Scaling } from "./scaling.ts";
import { scalingTable } from "./table.ts";

interface Options {
  readonly reps: number;
  readonly seconds: number;
  readonly warmUp: number;
  readonly record: boolean;
}

function readOptions(): Options {
  const command = new Command("bench:workers")
    .description(
      "Two workers on two CPUs against one on one and two proxies apart, client and origin beside them; nginx for comparison.",
    )
    .option("--reps <n>", "repetitions, interleaved", wholeNumber, 15)
    .option("--seconds <n>", "length of each repetition", wholeNumber, 1)
    .option("--warm-up <n>", "seconds of load before the first repetition", wholeNumber, 10)
    .option("--record", "write the table into docs/performance.md", false);
  return optionsOf(command, process.argv.slice(2));
}

await runBenchmark(readOptions, ["wrk", "nginx", "taskset"], async (options, processes, tell) => {
  const command = ["pnpm bench:workers", ...process.argv.slice(2)].join(" ");
  const setting = { date: new Date().toISOString().slice(0, 10), command, machine: describeMachine([]) };
  const results = await new Scaling(processes, { ...options, repetitions: options.reps }, tell).run();
  const text = `${describeSetting(setting)}\n\n${scalingTable(results)}`;
  process.stdout.write(`${text}\n`);
  if (options.record) tell(`written: ${writeSection("workers", "pnpm bench:workers --record", text)}`);
});
