import { PEERS, type Peer } from "../src/peers.ts";
import { allowedCpus } from "../src/proc.ts";
import type { Command, Processes, Running } from "../src/processes.ts";
import { REQUEST_FIELDS } from "../src/request-fields.ts";
import { SCENARIOS, type Scenario } from "../src/scenarios.ts";
import { waitUntilReady } from "../src/verify.ts";
import { freePort, nginxOrigin } from "../src/world.ts";
import { parseWrk } from "../src/wrk.ts";

/** Requests a second of one proxy in one scenario, by repetition. */
export interface Scaled {
  readonly scenario: string;
  readonly peer: string;
  /** One worker on one CPU. */
  readonly one: number[];
  /** Two workers on two CPUs. */
  readonly two: number[];
  /** Two proxies that have nothing to do with each other, of one worker and one CPU each: what the machine gives. */
  readonly apart: number[];
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

/** One proxy in all its arrangements. */
interface Arranged {
  readonly one: Contestant;
  /** As `one`, on the other CPU. */
  readonly beside: Contestant;
  readonly two: Contestant;
}

/** Whoever is started by this may use these CPUs, whatever its parent may. */
export function onCpus(cpus: readonly number[], { file, args, env }: Command): Command {
  return { file: "taskset", args: ["-c", cpus.join(","), file, ...args], ...(env === undefined ? {} : { env }) };
}

/**
 * Twice the workers on twice the machine: a proxy with one worker shares one CPU with its origin and its client; the same with two
 * workers has two CPUs, an origin of two workers and two clients. No more can come of that than of two proxies apart, each with a CPU,
 * an origin and a client of its own: two CPUs are less than twice one where they share caches, memory and a host.
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
    const ones = await this.#launch([first]);
    const besides = await this.#launch([second]);
    const twos = await this.#launch([first, second]);
    const arranged: Arranged[] = [];
    for (const [at, one] of ones.entries()) {
      const [beside, two] = [besides[at], twos[at]];
      if (beside !== undefined && two !== undefined) arranged.push({ one, beside, two });
    }
    const results: Scaled[] = [];
    for (const scenario of SCENARIOS.filter(({ name }) => SCALED.includes(name)))
      results.push(...(await this.#measure(scenario, arranged)));
    return results;
  }

  async #launch(cpus: readonly number[]): Promise<readonly Contestant[]> {
    const workers = cpus.length;
    const name = `cpu-${cpus.join("-")}`;
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

  async #measure(scenario: Scenario, arranged: readonly Arranged[]): Promise<readonly Scaled[]> {
    const { warmUp, seconds, repetitions } = this.#options;
    for (const contestant of arranged.flatMap(({ one, beside, two }) => [one, beside, two]))
      await this.#load(contestant, scenario, warmUp);
    const results: Scaled[] = arranged.map(({ one: { peer } }) => {
      return { scenario: scenario.name, peer: peer.name, one: [], two: [], apart: [] };
    });
    for (let round = 0; round < repetitions; round += 1) {
      for (const [at, { one, beside, two }] of arranged.entries()) {
        const alone = await this.#load(one, scenario, seconds);
        const both = await this.#load(two, scenario, seconds);
        const each = await Promise.all([one, beside].map((proxy) => this.#load(proxy, scenario, seconds)));
        const apart = each.reduce((sum, rate) => sum + rate, 0);
        results[at]?.one.push(alone);
        results[at]?.two.push(both);
        results[at]?.apart.push(apart);
        const rates = [alone, both, apart].map((rate) => `${rate.toFixed(0)}/s`);
        this.#tell(`${scenario.name} ${one.peer.name} #${round + 1}: ${rates.join(", ")}`);
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
