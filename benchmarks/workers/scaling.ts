import { PEERS, type Peer } from "../src/peers.ts";
import { allowedCpus } from "../src/proc.ts";
import type { Command, Processes, Running } from "../src/processes.ts";
import { REQUEST_FIELDS } from "../src/request-fields.ts";
import { SCENARIOS, type Scenario } from "../src/scenarios.ts";
import { waitUntilReady } from "../src/verify.ts";
import { freePort, nginxOrigin } from "../src/world.ts";
import { parseWrk } from "../src/wrk.ts";

/** Requests a second of one proxy in one scenario: with one worker on one CPU, and with two on two, by repetition. */
export interface Scaled {
  readonly scenario: string;
  readonly peer: string;
  readonly small: number[];
  readonly large: number[];
}

export interface ScalingOptions {
  /** Whole seconds before the first repetition, and of each. */
  readonly warmUp: number;
  readonly seconds: number;
  readonly repetitions: number;
}

/** Those who can share one port among workers, and scenarios that one worker can fill a CPU with. */
const NAMES = ["headgate", "nginx"];
const SCALED = ["pass1k", "hit1k"];

interface Contestant {
  readonly peer: Peer;
  readonly port: number;
  readonly cpus: readonly number[];
}

/** Whoever is started by this may use these CPUs, whatever its parent may. */
export function onCpus(cpus: readonly number[], { file, args, env }: Command): Command {
  return { file: "taskset", args: ["-c", cpus.join(","), file, ...args], ...(env === undefined ? {} : { env }) };
}

/**
 * Twice the workers on twice the machine: a proxy with one worker shares one CPU with its origin and its client; the same with two
 * workers has two CPUs, an origin of two workers and two clients. Neither can be faster than the machine: nginx shows what that gives.
 */
export class Scaling {
  readonly #processes: Processes;
  readonly #options: ScalingOptions;
  readonly #tell: (line: string) => void;

  constructor(processes: Processes, options: ScalingOptions, tell: (line: string) => void) {
    this.#processes = processes;
    this.#options = options;
    this.#tell = tell;
  }

  /** @throws where there are not two CPUs to use */
  async run(): Promise<readonly Scaled[]> {
    const [first, second] = allowedCpus();
    if (first === undefined || second === undefined) throw new Error("two workers need two CPUs; there is one");
    const pairs: (readonly [Contestant, Contestant])[] = [];
    const small = await this.#launch([first]);
    const large = await this.#launch([first, second]);
    for (const [at, one] of small.entries()) {
      const two = large[at];
      if (two !== undefined) pairs.push([one, two]);
    }
    const results: Scaled[] = [];
    for (const scenario of SCENARIOS.filter(({ name }) => SCALED.includes(name)))
      results.push(...(await this.#measure(scenario, pairs)));
    return results;
  }

  async #launch(cpus: readonly number[]): Promise<readonly Contestant[]> {
    const workers = cpus.length;
    const name = `${workers}-cpus`;
    const origins = await Promise.all(Array.from({ length: 4 }, freePort));
    const places = origins.map((port) => `127.0.0.1:${port}`);
    this.#start(`origin-${name}`, cpus, nginxOrigin(this.#processes, `origin-${name}`, places, workers));
    const contestants: Contestant[] = [];
    for (const peer of PEERS.filter((each) => NAMES.includes(each.name))) {
      const port = await freePort();
      const folder = this.#processes.makeFolder(`${peer.name}-${name}`);
      const command = peer.command({ folder, port, origins, certificate: null, workers });
      const running = this.#start(`${peer.name}-${name}`, cpus, command);
      const [plain] = SCENARIOS;
      if (plain !== undefined) await waitUntilReady(running, port, plain);
      contestants.push({ peer, port, cpus });
    }
    return contestants;
  }

  #start(name: string, cpus: readonly number[], command: Command): Running {
    return this.#processes.start(name, "proxy", onCpus(cpus, command));
  }

  async #measure(
    scenario: Scenario,
    pairs: readonly (readonly [Contestant, Contestant])[],
  ): Promise<readonly Scaled[]> {
    const { warmUp, seconds, repetitions } = this.#options;
    for (const contestant of pairs.flat()) await this.#load(contestant, scenario, warmUp);
    const results = pairs.map(([{ peer }]) => ({
      ...{ scenario: scenario.name, peer: peer.name, small: [] as number[], large: [] as number[] },
    }));
    for (let round = 0; round < repetitions; round += 1) {
      for (const [at, [one, two]] of pairs.entries()) {
        const small = await this.#load(one, scenario, seconds);
        const large = await this.#load(two, scenario, seconds);
        results[at]?.small.push(small);
        results[at]?.large.push(large);
        this.#tell(`${scenario.name} ${one.peer.name} #${round + 1}: ${small.toFixed(0)}/s, ${large.toFixed(0)}/s`);
      }
    }
    return results;
  }

  /** Requests a second, by one client on each of its CPUs. */
  async #load({ peer, port, cpus }: Contestant, { path }: Scenario, seconds: number): Promise<number> {
    const fields = Object.entries(REQUEST_FIELDS).flatMap(([name, value]) => ["-H", `${name}: ${value}`]);
    const args = ["-t1", "-c64", `-d${seconds}s`, "--latency", ...fields, `http://127.0.0.1:${port}${path}`];
    const printed = await Promise.all(cpus.map((cpu) => this.#processes.run(onCpus([cpu], { file: "wrk", args }))));
    let perSecond = 0;
    for (const load of printed.map(parseWrk)) {
      if (load.errors > 0) throw new Error(`${peer.name} failed ${load.errors} requests of ${path}`);
      perSecond += load.perSecond;
    }
    return perSecond;
  }
}
