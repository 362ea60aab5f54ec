import { setTimeout as sleep } from "node:timers/promises";
import { clientCommand, type Load, putLoad } from "./load.ts";
import type { Peer } from "./peers.ts";
import { cpuTicks, fileLimit, memoryMb } from "./proc.ts";
import { outputOf, type Running } from "./processes.ts";
import type { Scenario } from "./scenarios.ts";
import { median, type Spread, spread } from "./statistics.ts";
import { verifyAnswers, waitUntilReady } from "./verify.ts";
import { freePort, type World } from "./world.ts";

/** What one proxy came to in one scenario. */
export interface Result {
  readonly scenario: string;
  readonly peer: string;
  /** CPU time for each request or message of the proxy's whole process tree, µs. */
  readonly micros: Spread;
  /** Medians over the repetitions: requests or messages a second; latencies in ms; share of one CPU that the proxy used. */
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly cpuUsed: number;
  /** Of all repetitions together. */
  readonly errors: number;
  /** Most memory of the process tree so far, MiB. */
  readonly peakMb: number;
  /** Requests a second that were asked for; null: as many as possible. */
  readonly rate: number | null;
  /** Memory that each idle connection took, KiB; null where that was not measured. */
  readonly connectionKb: number | null;
}

export interface MeasureOptions {
  /** Whole seconds before a proxy's first repetition, and of each repetition. */
  readonly warmUp: number;
  readonly seconds: number;
  readonly repetitions: number;
}

/** Seconds before each later repetition: while others were measured, caches went cold and V8 gave memory back. */
export const WARM_AGAIN = 1;

/** A proxy that runs and has been seen to answer as it should. */
interface Contestant {
  readonly peer: Peer;
  readonly running: Running;
  readonly port: number;
  readonly samples: (Load & { readonly micros: number; readonly cpuUsed: number })[];
  rate: number | null;
}

/** The share of its own peak at which a proxy's latency is measured. */
const SHARE_OF_PEAK = 0.8;
const IDLE_CONNECTIONS = 10_000;
/** Files that a proxy or client needs beside its connections. */
const OTHER_FILES = 300;

/** Measures proxies side by side: A B C A B C, so that what else the machine does meets all of them. */
export class Measurement {
  readonly #world: World;
  readonly #options: MeasureOptions;
  readonly #tell: (line: string) => void;
  readonly #ticksPerSecond = Number(outputOf("getconf", ["CLK_TCK"]));

  constructor(world: World, options: MeasureOptions, tell: (line: string) => void) {
    this.#world = world;
    this.#options = options;
    this.#tell = tell;
  }

  /** Leaves out, aloud, proxies that do not answer as they should. */
  async run(scenario: Scenario, peers: readonly Peer[]): Promise<readonly Result[]> {
    const contestants: Contestant[] = [];
    try {
      for (const peer of peers.filter(({ scenarios }) => scenarios.includes(scenario.name))) {
        const contestant = await this.#launch(scenario, peer);
        if (contestant !== null) contestants.push(contestant);
      }
      if (scenario.drive === "idle") return await this.#countMemory(scenario, contestants);
      for (let round = 0; round < this.#options.repetitions; round += 1) {
        for (const each of contestants) {
          await this.#orLeaveOut(scenario, each.peer, () => this.#sample(scenario, each));
        }
      }
      return contestants.filter(({ samples }) => samples.length > 0).map((each) => summarize(scenario, each));
    } finally {
      await Promise.all(contestants.map(({ running }) => this.#world.processes.stop(running)));
    }
  }

  async #launch(scenario: Scenario, peer: Peer): Promise<Contestant | null> {
    const { processes, origins, echo, certificate } = this.#world;
    const port = await freePort();
    const name = `${peer.name.replace("/", "-")}-${port}`;
    const command = peer.command({
      ...{ folder: processes.makeFolder(name), port, certificate: scenario.tls ? certificate : null, workers: 1 },
      origins: scenario.drive === "websocket" ? [echo] : origins,
    });
    const running = processes.start(name, "proxy", command);
    const contestant = await this.#orLeaveOut(scenario, peer, async () => {
      await waitUntilReady(running, port, scenario);
      await verifyAnswers(port, scenario);
      return { peer, running, port, samples: [], rate: null };
    });
    if (contestant === null) await processes.stop(running);
    return contestant;
  }

  /** One proxy that does not do as it should does not spoil the others' figures. */
  async #orLeaveOut<T>(scenario: Scenario, peer: Peer, work: () => Promise<T>): Promise<T | null> {
    try {
      return await work();
    } catch (error) {
      this.#tell(`${scenario.name}: ${peer.name} is left out: ${(error as Error).message}`);
      return null;
    }
  }

  async #sample(scenario: Scenario, contestant: Contestant): Promise<void> {
    const { peer, running, port, samples } = contestant;
    const { warmUp, seconds } = this.#options;
    const load = (length: number): Promise<Load> =>
      putLoad(this.#world.processes, { scenario, port, seconds: length, rate: contestant.rate });
    if (samples.length === 0) {
      const { perSecond } = await load(warmUp);
      if (scenario.drive === "open") contestant.rate = Math.round(perSecond * SHARE_OF_PEAK);
    } else await load(WARM_AGAIN);
    const before = cpuTicks(running.pid);
    const seen = await load(seconds);
    const cpuSeconds = (cpuTicks(running.pid) - before) / this.#ticksPerSecond;
    if (seen.requests === 0) throw new Error(`it answered nothing ${running.log()}`.trim());
    const micros = (cpuSeconds * 1e6) / seen.requests;
    samples.push({ ...seen, micros, cpuUsed: cpuSeconds / (seen.requests / seen.perSecond) });
    const errors = seen.errors > 0 ? `, ${seen.errors} errors` : "";
    this.#tell(
      `${scenario.name} ${peer.name} #${samples.length}: ${micros.toFixed(1)} µs, ${seen.perSecond.toFixed(0)}/s${errors}`,
    );
  }

  async #countMemory(scenario: Scenario, contestants: readonly Contestant[]): Promise<readonly Result[]> {
    const connections = Math.min(IDLE_CONNECTIONS, fileLimit() - OTHER_FILES);
    if (connections < IDLE_CONNECTIONS) {
      this.#tell(
        `${scenario.name}: only ${connections} connections, for more raise the limit of open files (ulimit -Hn)`,
      );
    }
    const results: Result[] = [];
    for (const contestant of contestants) {
      // Only once, and on its own: memory does not depend on what else the machine does.
      const count = (): Promise<number> => this.#memoryOfIdle(scenario, contestant, connections);
      const connectionKb = await this.#orLeaveOut(scenario, contestant.peer, count);
      if (connectionKb === null) continue;
      this.#tell(`${scenario.name} ${contestant.peer.name}: ${connectionKb.toFixed(1)} KiB a connection`);
      results.push({ ...summarize(scenario, contestant), connectionKb });
    }
    return results;
  }

  async #memoryOfIdle(scenario: Scenario, { peer, running, port }: Contestant, connections: number): Promise<number> {
    const { processes } = this.#world;
    const before = memoryMb(running.pid, "VmRSS");
    const command = clientCommand("idle", { port, path: scenario.path, connections });
    const client = processes.start(`idle-${peer.name.replace("/", "-")}`, "load", command);
    try {
      while (!client.log().includes("open")) {
        if (client.child.exitCode !== null) throw new Error(client.log());
        await sleep(100);
      }
      await sleep(1000);
      if (!client.log().endsWith(`open ${connections}`)) {
        throw new Error(`it closes idle connections: ${client.log()}`);
      }
      return ((memoryMb(running.pid, "VmRSS") - before) * 1024) / connections;
    } finally {
      await processes.stop(client);
    }
  }
}

function summarize(scenario: Scenario, { peer, running, samples, rate }: Contestant): Result {
  const middle = (read: (sample: Contestant["samples"][number]) => number): number => median(samples.map(read));
  return {
    ...{ scenario: scenario.name, peer: peer.name, rate, connectionKb: null },
    micros: spread(samples.map(({ micros }) => micros)),
    perSecond: middle(({ perSecond }) => perSecond),
    p50: middle(({ p50 }) => p50),
    p99: middle(({ p99 }) => p99),
    cpuUsed: middle(({ cpuUsed }) => cpuUsed),
    errors: samples.reduce((sum, { errors }) => sum + errors, 0),
    peakMb: memoryMb(running.pid, "VmHWM"),
  };
}
