import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Load } from "../src/load.ts";
import { BARE_NODE, GATEWAY } from "../src/peers.ts";
import { cpuTicks } from "../src/proc.ts";
import { type Command, outputOf, type Processes, type Running } from "../src/processes.ts";
import { SCENARIOS } from "../src/scenarios.ts";
import { type Spread, spread } from "../src/statistics.ts";
import { waitUntilReady } from "../src/verify.ts";
import { freePort, nodeCommand, peerFile } from "../src/world.ts";
import { parseWrk } from "../src/wrk.ts";
import { type Case, configFor, type Size } from "./cases.ts";

/** What one proxy costs at one size, CPU µs for each request. */
export interface Result {
  readonly case: string;
  readonly peer: string;
  readonly label: string;
  readonly micros: Spread;
}

export interface ContestOptions {
  /** Whole seconds before the first repetition, and of each. */
  readonly warmUp: number;
  readonly seconds: number;
  readonly repetitions: number;
}

interface Contestant {
  readonly peer: string;
  readonly size: Size;
  readonly port: number;
  readonly running: Running;
  readonly micros: number[];
  /** Requests so far: where the next load begins among the targets. */
  requests: number;
}

/** Requests after which V8 has compiled what is hot. */
const COMPILED = 30_000;

const REQUESTS = fileURLToPath(new URL("requests.lua", import.meta.url));

/** Measures both sizes of a case, by Headgate and by bare Node, in turn: what else the machine does meets all of them. */
export class Contest {
  readonly #processes: Processes;
  readonly #options: ContestOptions;
  readonly #tell: (line: string) => void;
  readonly #ticksPerSecond = Number(outputOf("getconf", ["CLK_TCK"]));

  constructor(processes: Processes, options: ContestOptions, tell: (line: string) => void) {
    this.#processes = processes;
    this.#options = options;
    this.#tell = tell;
  }

  async run(one: Case): Promise<readonly Result[]> {
    const contestants: Contestant[] = [];
    try {
      for (const peer of ["headgate", ...(one.bare ? [BARE_NODE] : [])])
        for (const size of one.sizes) contestants.push(await this.#launch(one, peer, size));
      for (let round = 0; round < this.#options.repetitions; round += 1)
        for (const each of contestants) await this.#sample(one, each);
      return contestants.map(({ peer, size: { label }, micros }) => {
        return { case: one.name, peer, label, micros: spread(micros) };
      });
    } finally {
      await Promise.all(contestants.map(({ running }) => this.#processes.stop(running)));
    }
  }

  /** CPU ms a second that Headgate takes without a request, with checks each second. */
  async idle(size: Size, seconds: number): Promise<number> {
    const checked = {
      ...size,
      config: { pools: { default: { backends: size.backends.map((each) => `http://${each}`) } } },
    };
    const { running } = await this.#start("headgate", checked);
    try {
      await sleep(3000);
      const before = cpuTicks(running.pid);
      await sleep(seconds * 1000);
      return ((cpuTicks(running.pid) - before) * 1000) / this.#ticksPerSecond / seconds;
    } finally {
      await this.#processes.stop(running);
    }
  }

  async #start(peer: string, size: Size): Promise<{ readonly running: Running; readonly port: number }> {
    const port = await freePort();
    const name = `${peer}-${port}`;
    const command = peer === BARE_NODE ? bareNode(size, port) : headgate(size, port, this.#processes.makeFolder(name));
    const running = this.#processes.start(name, "proxy", command);
    const [plain] = SCENARIOS;
    if (plain !== undefined) await waitUntilReady(running, port, plain);
    return { running, port };
  }

  async #launch(one: Case, peer: string, size: Size): Promise<Contestant> {
    const contestant = { ...(await this.#start(peer, size)), peer, size, micros: [], requests: 0 };
    const { warmUp } = this.#options;
    this.#tell(`${one.name}: ${peer}, ${size.label}: warming up`);
    do await this.#load(contestant, warmUp);
    while (contestant.requests < Math.max(COMPILED, one.warm(size)));
    return contestant;
  }

  async #sample(one: Case, contestant: Contestant): Promise<void> {
    const { running, peer, size, micros } = contestant;
    // Connections to backends have been closed while it was the others' turn.
    await this.#load(contestant, 1);
    const before = cpuTicks(running.pid);
    const { requests, perSecond, errors } = await this.#load(contestant, this.#options.seconds);
    const cpuSeconds = (cpuTicks(running.pid) - before) / this.#ticksPerSecond;
    if (errors > 0) throw new Error(`${peer} failed ${errors} requests with ${size.label} ${running.log()}`);
    const cost = (cpuSeconds * 1e6) / requests;
    micros.push(cost);
    this.#tell(
      `${one.name}: ${peer}, ${size.label} #${micros.length}: ${cost.toFixed(1)} µs, ${perSecond.toFixed(0)}/s`,
    );
  }

  async #load(contestant: Contestant, seconds: number): Promise<Load> {
    const { size, port, requests } = contestant;
    const fields = Object.entries(size.fields).flatMap(([name, value]) => ["-H", `${name}: ${value}`]);
    const flags = ["-t1", "-c64", `-d${seconds}s`, "--latency", "--timeout", "10s", ...fields];
    const { spread } = size;
    const script = spread === null ? [] : ["-s", REQUESTS];
    const told = spread === null ? [] : ["--", String(spread.count), String(requests), spread.name];
    const args = [...flags, ...script, `http://127.0.0.1:${port}${size.path}`, ...told];
    const load = parseWrk(await this.#processes.run({ file: "wrk", args }));
    contestant.requests += load.requests;
    return load;
  }
}

function headgate(size: Size, port: number, folder: string): Command {
  const config = join(folder, "headgate.json");
  writeFileSync(config, JSON.stringify(configFor(size, port, folder)));
  return nodeCommand(GATEWAY, {}, ["start", "--config", config]);
}

function bareNode({ backends }: Size, port: number): Command {
  return nodeCommand(peerFile(`${BARE_NODE}.mjs`), { PORT: String(port), ORIGINS: backends.join(",") });
}
