import type { ConfigSnapshot } from "../config/snapshot.ts";
import type { ServerTls, TlsMaterial } from "../config/tls/material.ts";
import type { PoolStatus } from "../control/control-plane.ts";
import type { ControlTime } from "../control/control-time.ts";
import type { PoolRegistry } from "../control/pool-registry.ts";
import type { BoundAddress } from "../downstream/listeners.ts";
import { UserError } from "../errors.ts";
import type { Explanation, Question } from "../explain/explanation.ts";
import type { Logger } from "../observability/log.ts";
import { askOne } from "./ask-one.ts";
import { CrewCache } from "./crew-cache.ts";
import type { Fork } from "./fork.ts";
import { failureError } from "./listen-failure.ts";
import type { ToPrimary, ToWorker, WorkerConfig, WorkerSetup } from "./messages.ts";
import type { Observation } from "./observations.ts";
import { needsOwnSigning } from "./own-signing.ts";
import { PoolFeed } from "./pool-feed.ts";
import { type FreePort, SettledPorts } from "./settle-ports.ts";
import { shareConfig, withStart } from "./share-config.ts";
import type { WorkerReport } from "./worker-report.ts";
import { WorkerSlot } from "./worker-slot.ts";
import type { WorkerStatus } from "./worker-status.ts";

export interface CrewPorts {
  /** How many workers. */
  readonly count: number;
  readonly fork: Fork;
  readonly freePort: FreePort;
  readonly time: ControlTime;
  readonly logger: Logger;
  /** Takes the workers' log lines. */
  readonly line: (line: string) => void;
  readonly setup: Omit<WorkerSetup, "worker">;
  readonly pools: PoolRegistry;
  /** Signs cookies for which the config names no secret; asked only where there is one. */
  readonly signing: () => string;
  /** Takes what workers have counted. */
  readonly counted: (report: WorkerReport) => void;
}

/** How often the pools are looked at for what no event tells of, such as drains and reports of load, ms. */
const LOOK = 100;

/** The data plane of several processes: keeps the workers, tells them all there is to know, and hears what they saw. */
export class Crew {
  readonly cache: CrewCache;
  readonly #ports: CrewPorts;
  readonly #slots: readonly WorkerSlot[];
  readonly #feed: PoolFeed;
  readonly #settled: SettledPorts;
  /** What every worker carries out; null before the first. */
  #current: WorkerConfig | null = null;
  #first: { readonly config: ConfigSnapshot; readonly tls: TlsMaterial } | null = null;
  #cancelLook: () => void = () => undefined;
  #lookSoon = false;

  constructor(ports: CrewPorts) {
    const { count, fork, time, logger, setup, pools } = ports;
    this.#ports = ports;
    this.#feed = new PoolFeed(() => pools.pools, count);
    this.#settled = new SettledPorts(ports.freePort);
    this.#slots = Array.from({ length: count }, (_, index) => {
      const worker = index + 1;
      const begin = () => ({ setup: { ...setup, worker }, ...this.#now(), pools: this.#feed.whole() });
      return new WorkerSlot(worker, { fork, time, logger, begin, heard: (slot, said) => this.#hear(slot, said) });
    });
    this.cache = new CrewCache(this.#slots);
  }

  /** Starts the workers. Rejects with the system's error where they cannot listen, `UserError` where they do not come up. */
  async start(config: ConfigSnapshot, tls: TlsMaterial): Promise<readonly BoundAddress[]> {
    await this.#settled.find(config);
    this.#current = this.#share(config, tls);
    this.#feed.changes();
    const outcomes = await Promise.all(this.#slots.map((slot) => slot.start()));
    this.#look();
    return boundOf(outcomes);
  }

  /** Opens the listeners of a config in all workers; where one refuses, all go back to those they had. */
  async listen(
    config: ConfigSnapshot,
    listeners: readonly (ServerTls | undefined)[],
  ): Promise<readonly BoundAddress[]> {
    const before = this.#now();
    const tls = { ...before.tls, listeners: [...listeners] };
    await this.#settled.find(config);
    const wanted = this.#share(config, tls);
    const serving = this.#slots.filter(({ isServing }) => isServing);
    // One that ends meanwhile has no say: its replacement begins with what holds by then.
    const outcomes = await Promise.all(serving.map((slot) => slot.listen(wanted).catch(() => null)));
    const told = outcomes.filter((outcome) => outcome !== null);
    try {
      return boundOf(told);
    } catch (error) {
      await Promise.all(serving.map((slot) => slot.listen(before).catch(() => null)));
      throw error;
    }
  }

  /** What one worker would do with a request. */
  async explain(question: Question, pools: readonly PoolStatus[]): Promise<Explanation> {
    const answer = await askOne(this.#slots, { kind: "explain", question, pools });
    if (answer?.kind === "explained") return answer.explanation;
    throw new UserError("No worker process is up that could be asked. Try again in a moment.");
  }

  /** From now on this config holds; its listeners are open, its pools made. */
  apply(config: ConfigSnapshot, tls: TlsMaterial): void {
    this.#current = this.#share(config, tls);
    this.#feed.changes();
    this.#tell({ type: "config", ...this.#current, pools: this.#feed.whole() });
  }

  /** Tells the workers what has changed in the pools, as soon as this turn of the event loop is over. */
  poolsChanged(): void {
    if (this.#lookSoon) return;
    this.#lookSoon = true;
    this.#ports.time.schedule(() => {
      this.#lookSoon = false;
      this.tellChanges();
    }, 0);
  }

  /** Tells them now. */
  tellChanges(): void {
    const pools = this.#feed.changes();
    if (pools.length > 0) this.#tell({ type: "pools", pools });
  }

  get inFlight(): number {
    return this.#sum(({ inFlight }) => inFlight);
  }

  get connections(): number {
    return this.#sum(({ connections }) => connections);
  }

  /** As they stood last, those that serve. */
  get gauges(): WorkerSlot["gauges"][] {
    return this.#slots.map(({ gauges }) => gauges);
  }

  /** Whether one serves. */
  get isServing(): boolean {
    return this.#slots.some(({ isServing }) => isServing);
  }

  status(): WorkerStatus[] {
    return this.#slots.map((slot) => slot.status());
  }

  /** Lets all finish within `grace` ms; resolves when no process is left, with how many exchanges were broken off. */
  async close(grace: number): Promise<number> {
    const brokenOff = await Promise.all(this.#slots.map((slot) => slot.stop(grace)));
    this.#cancelLook();
    return brokenOff.reduce((sum, each) => sum + each, 0);
  }

  #now(): WorkerConfig {
    if (this.#current === null) throw new Error("workers are started with a config first");
    return this.#current;
  }

  #share(config: ConfigSnapshot, tls: TlsMaterial): WorkerConfig {
    const { count, signing } = this.#ports;
    this.#first ??= { config, tls };
    const settled = this.#settled.settle(withStart(config, this.#first.config));
    const material = { ...tls, redis: this.#first.tls.redis };
    return { config: shareConfig(settled, count), tls: material, signing: needsOwnSigning(config) ? signing() : "" };
  }

  #look(): void {
    this.#cancelLook = this.#ports.time.schedule(() => {
      this.tellChanges();
      this.#look();
    }, LOOK);
  }

  #tell(message: ToWorker): void {
    for (const slot of this.#slots) slot.send(message);
  }

  #hear(slot: WorkerSlot, message: ToPrimary): void {
    switch (message.type) {
      case "report":
        this.#ports.counted(message.report);
        return;
      case "observed":
        for (const observation of message.list) this.#observe(slot, observation);
        return;
      case "purges":
        void this.cache
          .spread(message.purges, slot)
          .then((counts) => slot.send({ type: "purged", id: message.id, counts }));
        return;
      case "log":
        this.#ports.line(message.line);
    }
  }

  #observe(slot: WorkerSlot, { pool: name, backend: id, ended, latency }: Observation): void {
    const pool = this.#ports.pools.find(name);
    if (pool === undefined) return;
    if (ended !== "refused") {
      pool.health.attemptEnded(id, ended, latency);
      return;
    }
    pool.health.reportRefused(id);
    // It has put the backend aside by itself: whether that holds is what it gets to know by this.
    const state = this.#feed.one(pool, id);
    if (state !== null) slot.send({ type: "pools", pools: [state] });
  }

  #sum(read: (gauges: NonNullable<WorkerSlot["gauges"]>) => number): number {
    return this.#slots.reduce((sum, { gauges }) => sum + (gauges === null ? 0 : read(gauges)), 0);
  }
}

function boundOf(outcomes: readonly Awaited<ReturnType<WorkerSlot["listen"]>>[]): readonly BoundAddress[] {
  let first: readonly BoundAddress[] = [];
  for (const outcome of outcomes) {
    if (outcome.kind === "refused") throw failureError(outcome.failure);
    if (first.length === 0) first = outcome.bound;
  }
  return first;
}
