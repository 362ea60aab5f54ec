import { writeFileSync } from "node:fs";
import { CommanderError } from "commander";
import { estimateSeconds, type Plan, prepare, runPlan } from "./bench.ts";
import { CHECK_PLAN, measureRatios, runCheck } from "./check.ts";
import { describeMachine } from "./machine.ts";
import { type Options, readOptions } from "./options.ts";
import type { Setting } from "./page.ts";
import { PEERS, type Peer } from "./peers.ts";
import { findProgram, Processes } from "./processes.ts";
import { recordFigures, recordRatios } from "./record.ts";
import { SCENARIOS } from "./scenarios.ts";
import { scenarioTable } from "./table.ts";
import type { World } from "./world.ts";

let stopped = false;
const tell = (line: string): void => {
  if (!stopped) process.stderr.write(`${line}\n`);
};
const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

function present(names: readonly string[]): readonly Peer[] {
  return PEERS.filter((peer) => {
    if (!names.includes(peer.name)) return false;
    const missing = peer.missing();
    if (missing !== null) tell(`${peer.name} is left out: ${missing}`);
    return missing === null;
  });
}

const settingOf = (peers: readonly Peer[]): Setting => ({
  date: new Date().toISOString().slice(0, 10),
  command: ["pnpm bench", ...process.argv.slice(2)].join(" "),
  machine: describeMachine(peers),
});

async function bench(options: Options, processes: Processes): Promise<boolean> {
  const plan: Plan = {
    scenarios: SCENARIOS.filter(({ name }) => options.scenario.includes(name)),
    peers: present(options.peers),
    ...{ warmUp: options.warmUp, seconds: options.seconds, repetitions: options.reps },
  };
  tell(`this takes about ${Math.ceil(estimateSeconds(plan) / 60)} min`);
  const setting = settingOf(plan.peers);
  const world = await prepare(processes, plan, tell);
  const results = await runPlan(world, plan, tell, (scenario, each) => {
    if (each.length > 0) print(`\n${scenario.title} (${scenario.name})\n\n${scenarioTable(scenario, each)}\n`);
  });
  if (results.length === 0 || stopped) return false;
  const run = { ...setting, results };
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(run, null, 2)}\n`);
  if (!options.record) return true;
  tell(`written: ${recordFigures(run).join(", ")}`);
  return recordChecked(world, setting);
}

async function check({ record }: Options, processes: Processes): Promise<boolean> {
  const setting = settingOf(CHECK_PLAN.peers);
  const world = await prepare(processes, CHECK_PLAN, tell);
  return record ? recordChecked(world, setting) : runCheck(world, tell);
}

async function recordChecked(world: World, setting: Setting): Promise<boolean> {
  const ratios = await measureRatios(world, tell);
  if (stopped || Object.keys(ratios).length < CHECK_PLAN.scenarios.length) return false;
  tell(`written: ${recordRatios({ ...setting, ratios })}`);
  return true;
}

/** Exit status. */
async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2), (text) => process.stderr.write(text));
  if (process.platform !== "linux")
    throw new Error("the benchmarks read /proc and pin processes: they run on Linux only");
  if (!findProgram("wrk")) throw new Error("the load generator is not installed: apt-get install wrk");
  const processes = new Processes(tell);
  const stop = (): void => {
    // Whatever is being waited for fails once its processes are gone.
    stopped = true;
    void processes.close().then(() => process.exit(130));
  };
  process.on("SIGINT", stop).on("SIGTERM", stop);
  try {
    const isWell = options.check ? await check(options, processes) : await bench(options, processes);
    return isWell ? 0 : 1;
  } finally {
    await processes.close();
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else {
    tell((error as Error).message);
    process.exitCode = 1;
  }
}
if (stopped) process.exitCode = 130;
