import { PLAIN_POLICIES } from "@headgate/balancer";
import { type Outcome, type Scenario, simulate } from "@headgate/simulation";
import { type Command, InvalidArgumentError } from "commander";
import { EXAMPLE } from "../config/scenario/example.ts";
import { loadScenario } from "../config/scenario/load.ts";
import type { ScenarioConfig } from "../config/scenario/schema.ts";
import { policySpec } from "../control/pool-policy.ts";
import type { CommandContext } from "./options.ts";
import { readLoad } from "./simulation-log.ts";
import { scenarioOf } from "./simulation-scenario.ts";
import { type Compared, renderComparison } from "./simulation-table.ts";

type Balancing = NonNullable<ScenarioConfig["policies"]>[number];

interface Options {
  readonly log?: string;
  readonly pool?: string;
  readonly durations: boolean;
  readonly seed?: number;
  readonly json: boolean;
  readonly example: boolean;
}

const HASHED = { policy: "consistent-hash", on: "client" } as const;

const ALL: readonly Balancing[] = [
  ...PLAIN_POLICIES,
  { ...HASHED, table: "ring" },
  { ...HASHED, table: "maglev" },
  { ...HASHED, table: "maglev", bound: 1.25 },
];

const HELP = `
Each policy meets the same requests: they come, take their time and meet faults as the scenario says, in virtual time, and
the gateway's own balancing, health, retry and hedging code deals with them. The same seed gives the same figures.

The scenario is a YAML or JSON file: seed, arrivals, service, keys, backends (with speed, concurrency, weight, faults), pool
(as in the config) and policies. --example prints one to begin with.

--log takes the requests from an access log instead, JSON lines as the gateway writes them. Of each line with msg
"exchange" and at least one attempt it reads: time and totalMs (when it came), method (what may be retried), client (the
key of consistent hashing), pool (see --pool), and, where there was one attempt, headMs (how long a backend works on it).

Mean, p50, p99 and max are of good answers. Imbalance is the most attempts that one backend got for its weight, over the
mean: 1.00 is even. In flight is the most that one backend had at a time. Failed: no answer, or one of 500 and above.`;

function parseSeed(text: string): number {
  const seed = Number(text);
  if (/^\d+$/.test(text) && seed <= 0xffff_ffff) return seed;
  throw new InvalidArgumentError("Expected a whole number from 0 to 4294967295.");
}

async function run(file: string | undefined, options: Options, context: CommandContext): Promise<void> {
  if (options.example) {
    context.stdout(EXAMPLE);
    return;
  }
  const config = await loadScenario(file, context.cwd);
  const scenario = await scenarioFor(config, options, context);
  const compared: Compared[] = [];
  for (const balancing of config.policies ?? ALL) {
    const outcome = await simulate(scenario, policySpec(balancing), { react });
    compared.push({ policy: nameOf(balancing), outcome });
  }
  context.stdout(
    options.json ? `${JSON.stringify(toJson(scenario, compared), null, 2)}\n` : toText(scenario, compared),
  );
}

async function scenarioFor(config: ScenarioConfig, options: Options, context: CommandContext): Promise<Scenario> {
  const { log, pool, durations, seed = config.seed } = options;
  if (log === undefined) return scenarioOf({ ...config, seed }, config.arrivals);
  const { arrivals, skipped } = await readLoad(log, { cwd: context.cwd, pool, durations });
  if (skipped > 0)
    context.stderr(`${log}: ${skipped} lines left out, which tell of no exchange that reached a backend\n`);
  return scenarioOf({ ...config, seed }, { process: "recorded", list: arrivals });
}

/** All promises that are settled have reacted before an immediate runs. */
function react(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** `consistent-hash maglev 1.25` */
function nameOf(balancing: Balancing): string {
  if (typeof balancing === "string") return balancing;
  const { policy, table, bound } = balancing;
  return [policy, table, bound].filter((part) => part !== undefined).join(" ");
}

function toText({ backends, seed }: Scenario, compared: readonly Compared[]): string {
  const { exchanges = 0 } = compared[0]?.outcome ?? {};
  return `${exchanges} requests, ${backends.length} backends, seed ${seed}\n${renderComparison(compared)}\n`;
}

function toJson({ seed }: Scenario, compared: readonly Compared[]): object {
  const figures = ({ perBackend, failures, ...outcome }: Outcome): object => ({
    ...outcome,
    perBackend: Object.fromEntries(perBackend),
    failures: Object.fromEntries(failures),
  });
  return { seed, policies: compared.map(({ policy, outcome }) => ({ policy, ...figures(outcome) })) };
}

/** `headgate simulate`: compares balancing policies on a load, without a socket. */
export function registerSimulate(program: Command, context: CommandContext): void {
  program
    .command("simulate")
    .description("compare balancing policies on a load that is described or recorded; nothing is sent")
    .argument("[scenario]", "YAML or JSON file (without it: the built-in example)")
    .option("--log <file>", "take the requests from this access log")
    .option("--pool <name>", "with --log: only those of this pool")
    .option("--no-durations", "with --log: draw service times as the scenario says, instead of taking the log's")
    .option("--seed <number>", "instead of the scenario's", parseSeed)
    .option("--json", "print all figures as JSON", false)
    .option("--example", "print the built-in scenario", false)
    .addHelpText("after", HELP)
    .action((file: string | undefined, options: Options) => run(file, options, context));
}
