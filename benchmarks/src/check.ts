import { existsSync, readFileSync } from "node:fs";
import { type Plan, runPlan } from "./bench.ts";
import { PEERS } from "./peers.ts";
import { RECORDED, type Recorded } from "./record.ts";
import { SCENARIOS } from "./scenarios.ts";
import { betterOf, CHECKED_PEERS, CHECKED_SCENARIOS, judge, type Ratios, ratiosOf, tellVerdict } from "./verdict.ts";
import type { World } from "./world.ts";

/**
 * Many short repetitions: one of them will be undisturbed. Before the first, time for V8 to compile what is hot, which takes
 * some ten thousand requests. Twice this is below two minutes.
 */
export const CHECK_PLAN: Plan = {
  scenarios: SCENARIOS.filter(({ name }) => CHECKED_SCENARIOS.includes(name)),
  peers: PEERS.filter(({ name }) => CHECKED_PEERS.includes(name)),
  ...{ warmUp: 5, seconds: 1, repetitions: 5 },
};

/** What `--check` compares; also what is recorded, so that both are measured in the same way. */
export async function measureRatios(world: World, tell: (line: string) => void): Promise<Ratios> {
  return ratiosOf(await runPlan(world, CHECK_PLAN, tell, () => undefined));
}

function readRecorded(): Ratios {
  if (!existsSync(RECORDED)) return {};
  const recorded: Recorded = JSON.parse(readFileSync(RECORDED, "utf8"));
  return recorded.ratios;
}

/** Whether Headgate still costs what is recorded, set against bare-node. Measures once more before it says no. */
export async function runCheck(world: World, tell: (line: string) => void): Promise<boolean> {
  const recorded = readRecorded();
  let measured = await measureRatios(world, tell);
  if (judge(measured, recorded).some(({ kind }) => kind === "worse")) {
    tell("worse than recorded: measuring once more");
    measured = betterOf(measured, await measureRatios(world, tell));
  }
  const verdicts = judge(measured, recorded);
  for (const verdict of verdicts) tell(tellVerdict(verdict));
  return verdicts.every(({ kind }) => kind === "held");
}
