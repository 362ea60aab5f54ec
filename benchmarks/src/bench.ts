import { Measurement, type MeasureOptions, type Result, WARM_AGAIN } from "./measure.ts";
import type { Peer } from "./peers.ts";
import type { Processes } from "./processes.ts";
import type { Scenario } from "./scenarios.ts";
import { createWorld, type World } from "./world.ts";

export interface Plan extends MeasureOptions {
  readonly scenarios: readonly Scenario[];
  readonly peers: readonly Peer[];
}

/** Seconds that starting and checking a proxy takes, and an idle scenario for it. */
const LAUNCH = 0.7;
const IDLE = 7;

/** About how long a plan takes, in seconds. */
export function estimateSeconds({ scenarios, peers, warmUp, seconds, repetitions }: Plan): number {
  return scenarios.reduce((sum, { name, drive }) => {
    const count = peers.filter((peer) => peer.scenarios.includes(name)).length;
    return (
      sum +
      count * (LAUNCH + (drive === "idle" ? IDLE : warmUp - WARM_AGAIN + repetitions * (WARM_AGAIN + seconds + 0.2)))
    );
  }, 2);
}

/** Starts what the proxies of a plan stand in. */
export async function prepare(processes: Processes, { scenarios }: Plan, tell: (line: string) => void): Promise<World> {
  const needsTls = scenarios.some(({ tls }) => tls);
  const world = await createWorld(processes, needsTls);
  tell(`origin: ${world.origin}${world.origin === "node" ? " (nginx would be faster: apt-get install nginx)" : ""}`);
  return world;
}

/** Measures one scenario after the other; `done` gets each one's results as they come. */
export async function runPlan(
  world: World,
  plan: Plan,
  tell: (line: string) => void,
  done: (scenario: Scenario, results: readonly Result[]) => void,
): Promise<readonly Result[]> {
  const measurement = new Measurement(world, plan, tell);
  const all: Result[] = [];
  for (const scenario of plan.scenarios) {
    const results = await measurement.run(scenario, plan.peers);
    done(scenario, results);
    all.push(...results);
  }
  return all;
}
