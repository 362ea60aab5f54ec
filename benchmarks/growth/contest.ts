import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Load } from "../src/load.ts";
import { BARE_NODE } from "../src/peers.ts";
import { cpuTicks } from "../src/proc.ts";
import { outputOf, type Processes } from "../src/processes.ts";
import { parseWrk } from "../src/wrk.ts";
import type { Case, Size } from "./cases.ts";
import { SizedProxy } from "./sized-proxy.ts";

/** What one proxy costs at one size, CPU µs for each request, by repetition. */
export interface Result {
  readonly case: string;
  readonly peer: string;
  readonly label: string;
  readonly micros: readonly number[];
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
  readonly proxy: SizedProxy;
  readonly micros: number[];
  /** Requests so far: where the next load begins among the targets. */
  requests: number;
}

/** Requests after which V8 has compiled what is hot. */
const COMPILED = 30_000;

/**
 * Where each size has a process of its own: so many of each, one pair after the other, since two processes of one build and config may
 * differ by more than what is looked for.
 */
const HEATS = 4;

/** Requests for each backend after which each has been asked: some balancing gives one several in a row. */
const OPENED = 16;

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
    const { repetitions } = this.#options;
    const heats = one.together ? 1 : Math.min(HEATS, repetitions);
    const results: (readonly Result[])[] = [];
    for (let heat = 0; heat < heats; heat += 1) results.push(await this.#heat(one, Math.ceil(repetitions / heats)));
    return joinHeats(results);
  }

  /** With processes of its own. */
  async #heat(one: Case, repetitions: number): Promise<readonly Result[]> {
    const proxies: SizedProxy[] = [];
    const contestants: Contestant[] = [];
    try {
      for (const peer of ["headgate", ...(one.bare ? [BARE_NODE] : [])]) {
        const together = one.together && peer !== BARE_NODE;
        for (const sizes of together ? [one.sizes] : one.sizes.map((size) => [size] as const)) {
          const proxy = await SizedProxy.start(this.#processes, peer, sizes);
          proxies.push(proxy);
          for (const size of sizes) contestants.push(await this.#warmUp(one, { peer, size, proxy }));
        }
      }
      for (let round = 0; round < repetitions; round += 1)
        for (const each of round % 2 === 0 ? contestants : contestants.toReversed()) await this.#sample(one, each);
      return contestants.map(({ peer, size: { label }, micros }) => ({ case: one.name, peer, label, micros }));
    } finally {
      await Promise.all(proxies.map((proxy) => proxy.stop()));
    }
  }

  /** CPU ms a second that Headgate takes without a request, with checks each second. */
  async idle(size: Size, seconds: number): Promise<number> {
    const checked = {
      ...size,
      config: { pools: { default: { backends: size.backends.map((each) => `http://${each}`) } } },
    };
    const proxy = await SizedProxy.start(this.#processes, "headgate", [checked]);
    try {
      await sleep(3000);
      const before = cpuTicks(proxy.pid);
      await sleep(seconds * 1000);
      return ((cpuTicks(proxy.pid) - before) * 1000) / this.#ticksPerSecond / seconds;
    } finally {
      await proxy.stop();
    }
  }

  async #warmUp(one: Case, entrant: Pick<Contestant, "peer" | "size" | "proxy">): Promise<Contestant> {
    const contestant = { ...entrant, micros: [], requests: 0 };
    const { peer, size } = entrant;
    this.#tell(`${one.name}: ${peer}, ${size.label}: warming up`);
    do await this.#load(contestant, this.#options.warmUp);
    while (contestant.requests < Math.max(COMPILED, one.warm(size)));
    return contestant;
  }

  async #sample(one: Case, contestant: Contestant): Promise<void> {
    const { proxy, peer, size, micros } = contestant;
    // Connections to backends have been closed while it was the others' turn: all of them are opened again first.
    const enough = contestant.requests + size.backends.length * OPENED;
    do await this.#load(contestant, 1);
    while (contestant.requests < enough);
    const before = cpuTicks(proxy.pid);
    const { requests, perSecond, errors } = await this.#load(contestant, this.#options.seconds);
    const cpuSeconds = (cpuTicks(proxy.pid) - before) / this.#ticksPerSecond;
    if (errors > 0) throw new Error(`${peer} failed ${errors} requests with ${size.label} ${proxy.log()}`);
    const cost = (cpuSeconds * 1e6) / requests;
    micros.push(cost);
    this.#tell(
      `${one.name}: ${peer}, ${size.label} #${micros.length}: ${cost.toFixed(1)} µs, ${perSecond.toFixed(0)}/s`,
    );
  }

  async #load(contestant: Contestant, seconds: number): Promise<Load> {
    const { size, proxy, requests } = contestant;
    const port = await proxy.serve(size);
    const fields = Object.entries(size.fields).flatMap(([name, value]) => ["-H", `${name}: ${value}`]);
    const flags = ["-t1", "-c64", `-d${seconds}s`, "--latency", "--timeout", "10s", ...fields];
    const { spread } = size;
    const script = spread === null ? [] : ["-s", REQUESTS];
    const told = spread === null ? [] : ["--", String(spread.count), String(requests), spread.name];
    const args = [...flags, ...script, `http://127.0.0.1:${port}${size.path}`, ...told];
    const load = parseWrk(await this.#processes.run({ file: "wrk", args }));
    if (load.requests === 0) throw new Error(`no request was answered with ${size.label} ${proxy.log()}`);
    contestant.requests += load.requests;
    return load;
  }
}

/** The repetitions of all heats one behind the other. */
export function joinHeats(heats: readonly (readonly Result[])[]): readonly Result[] {
  const [first = []] = heats;
  return first.map((result, at) => ({ ...result, micros: heats.flatMap((heat) => heat[at]?.micros ?? []) }));
}
