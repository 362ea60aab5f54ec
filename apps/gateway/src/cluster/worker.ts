import type { CacheStats } from "../admin/cache-admin.ts";
import type { Share } from "../caching/shared-cache.ts";
import type { ControlTime } from "../control/control-time.ts";
import type { ManagedPoolPorts } from "../control/managed-pool.ts";
import { UserError } from "../errors.ts";
import type { ExchangeSink } from "../observability/exchange-record.ts";
import type { Logger } from "../observability/log.ts";
import { Runtime } from "../runtime.ts";
import { FedPools } from "./fed-pools.ts";
import { listenFailure } from "./listen-failure.ts";
import type { Answer, Ask, ListenOutcome, ToPrimary, ToWorker, WorkerConfig } from "./messages.ts";
import { Observations } from "./observations.ts";
import { Pending } from "./pending.ts";
import { PurgeSpreader } from "./spread-purges.ts";
import { poolGauges, WorkerCounts, type WorkerGauges } from "./worker-report.ts";

/** How often a worker tells what it counted, ms. */
const REPORT = 250;

type Start = Extract<ToWorker, { type: "start" }>;

export interface WorkerParts {
  readonly start: Start;
  readonly send: (message: ToPrimary) => void;
  readonly time: ControlTime;
  /** A new request id. */
  readonly newId: () => string;
  /** Runs a task when the turn of the event loop is over. */
  readonly soon: (task: () => void) => void;
  /** Resident memory, bytes. */
  readonly memory: () => number;
  /** Bytes of this process's heap that the cache may take. */
  readonly cacheHeap: number;
  readonly logger: Logger;
  readonly accessLog: ExchangeSink | null;
  readonly connect: ManagedPoolPorts["connect"];
  /** Shares the cache with other gateways; null where the config does not ask for it. */
  readonly share: Share | null;
}

/** One data-plane process: listeners and layers, steered by the primary. */
export class Worker {
  readonly #parts: WorkerParts;
  readonly #counts = new WorkerCounts();
  readonly #observations: Observations;
  readonly #answers = new Pending<readonly number[]>();
  readonly #spreader: PurgeSpreader;
  readonly #pools: FedPools;
  readonly #runtime: Runtime;
  #signing: string;
  #cached: boolean;
  /** Listeners change one config after the other. */
  #listening: Promise<unknown> = Promise.resolve();
  #cancelReport: () => void = () => undefined;

  constructor(parts: WorkerParts) {
    const { start, send, time, soon, logger, share } = parts;
    this.#parts = parts;
    this.#signing = start.signing;
    this.#cached = start.config.cache.entries > 0;
    this.#observations = new Observations({ soon, send: (list) => send({ type: "observed", list }) });
    this.#spreader = new PurgeSpreader({
      ask: (purges) => this.#answers.open((id) => send({ type: "purges", id, purges })),
      ...{ soon, now: time.clock.now },
    });
    this.#pools = new FedPools(
      { time, connect: parts.connect, ...NO_CHECKS, secret: () => this.#signing },
      this.#observations,
    );
    this.#pools.apply(start, start.pools);
    this.#runtime = new Runtime({
      config: start.config,
      clock: time.clock,
      random: time.random,
      newId: parts.newId,
      secret: start.setup.secret,
      signing: () => this.#signing,
      mirrored: this.#counts.mirrored,
      pools: this.#pools.registry,
      cacheHeap: parts.cacheHeap,
      share: this.#spreader.share(share),
      sinks: parts.accessLog === null ? [this.#counts] : [this.#counts, parts.accessLog],
      reporter: { bug: (err, context) => logger.error({ err, ...context }, "bug in headgate: please report it") },
    });
    this.#listen(start.id, start);
    this.#reportLater();
  }

  hear(message: Exclude<ToWorker, Start>): void {
    switch (message.type) {
      case "listen":
        this.#listen(message.id, message);
        break;
      case "config":
        this.#apply(message);
        break;
      case "pools":
        this.#pools.feed(message.pools);
        break;
      case "purges":
        void this.#heardPurges(message);
        break;
      case "purged":
        this.#answers.settle(message.id, message.counts);
        break;
      case "ask":
        void this.#answer(message);
        break;
      case "stop":
        void this.#stop(message.grace);
    }
  }

  #listen(id: number, { config, tls }: WorkerConfig): void {
    const opened = this.#listening.then(() => this.#runtime.listen(config, tls.listeners));
    this.#listening = opened.catch(() => undefined);
    const outcome: Promise<ListenOutcome> = opened.then(
      (bound) => ({ kind: "bound", bound }),
      (error: unknown) => ({ kind: "refused", failure: listenFailure(error) }),
    );
    void outcome.then((told) => this.#parts.send({ type: "listened", id, outcome: told }));
  }

  #apply(update: Extract<ToWorker, { type: "config" }>): void {
    this.#signing = update.signing;
    const retire = this.#pools.apply(update, update.pools);
    this.#runtime.apply(update.config);
    retire();
    // They are open, unless the process began between the two messages.
    const { config, tls } = update;
    const opened = this.#listening.then(() => this.#runtime.listen(config, tls.listeners));
    this.#listening = opened.catch((err: unknown) => this.#parts.logger.error({ err }, "a worker cannot listen"));
  }

  async #answer({ id, ask }: Extract<ToWorker, { type: "ask" }>): Promise<void> {
    const answer = await this.#do(ask).catch((error: unknown): Answer => {
      const kind = error instanceof UserError ? "refused" : "failed";
      return { kind, message: error instanceof Error ? error.message : String(error) };
    });
    this.#parts.send({ type: "answered", id, answer });
  }

  async #do(ask: Ask): Promise<Answer> {
    const { cache, explainer } = this.#runtime;
    if (ask.kind === "explain")
      return { kind: "explained", explanation: await explainer.explain(ask.question, ask.pools) };
    const count = await cache.purge(ask.selector, ask.mode);
    this.#report();
    return { kind: "purged", count };
  }

  /** Where entries went, how the cache stands is told before the purge is answered. */
  async #heardPurges({ id, purges }: Extract<ToWorker, { type: "purges" }>): Promise<void> {
    const counts = await this.#spreader.heard(purges);
    if (counts.some((count) => count > 0)) this.#report();
    this.#parts.send({ type: "purged", id, counts });
  }

  /** The last thing that it says; the primary then ends the process. */
  async #stop(grace: number): Promise<void> {
    const brokenOff = await this.#runtime.close(grace);
    this.#cancelReport();
    this.#report();
    await this.#pools.registry.close();
    this.#parts.send({ type: "stopped", brokenOff });
  }

  #reportLater(): void {
    this.#cancelReport = this.#parts.time.schedule(() => {
      this.#report();
      this.#reportLater();
    }, REPORT);
  }

  #report(): void {
    this.#observations.flush();
    const report = this.#counts.take(this.#gauges());
    if (report !== null) this.#parts.send({ type: "report", report });
  }

  #gauges(): WorkerGauges {
    const { inFlight, connections, cache } = this.#runtime;
    return {
      ...{ inFlight, connections, memory: roundMemory(this.#parts.memory()) },
      cache: this.#cached ? cacheGauges(cache.stats()) : null,
      pools: this.#pools.registry.pools.map((pool) => poolGauges(pool, this.#parts.time.clock.tick())),
    };
  }
}

/** What only the primary does. */
const NO_CHECKS: Pick<ManagedPoolPorts, "probe" | "askAgent" | "onEvent" | "discovery"> = {
  probe: () => Promise.reject(new Error("a worker probes nobody")),
  askAgent: () => Promise.resolve(null),
  onEvent: () => undefined,
  discovery: { dnsClient: lookForNobody, followFile: lookForNobody, onEvent: () => undefined },
};

function lookForNobody(): never {
  throw new Error("a worker looks for no backends: the primary does");
}

/** To a MiB: less is no news. */
function roundMemory(bytes: number): number {
  return Math.round(bytes / 2 ** 20) * 2 ** 20;
}

/** As it is now: the tally of refreshes goes on counting. */
function cacheGauges(stats: CacheStats): CacheStats {
  return { ...stats, refreshes: { ...stats.refreshes } };
}
