import type { ControlTime } from "../control/control-time.ts";
import { UserError } from "../errors.ts";
import type { Logger } from "../observability/log.ts";
import type { Ended, Fork, Forked } from "./fork.ts";
import type { Answer, Ask, ListenOutcome, ToPrimary, ToWorker } from "./messages.ts";
import { Pending } from "./pending.ts";
import { restartDelay, START_TRIES, STEADY } from "./restart-delay.ts";
import type { WorkerGauges, WorkerReport } from "./worker-report.ts";
import type { WorkerStatus } from "./worker-status.ts";

export interface SlotPorts {
  readonly fork: Fork;
  readonly time: ControlTime;
  readonly logger: Logger;
  /** What its next process is to begin with. */
  readonly begin: () => Omit<Extract<ToWorker, { type: "start" }>, "type" | "id">;
  /** What it says that is no answer. */
  readonly heard: (slot: WorkerSlot, message: ToPrimary) => void;
}

/** How much longer than the grace time a worker may take to end, ms. */
const OVERTIME = 2000;

/** How long a worker may take to purge, ms: a stuck one must not hold the others' requests. */
const PURGE_TIMEOUT = 1000;

/** A worker that owes so many answers to purges does not work any more. */
const MOST_UNANSWERED = 10_000;

/** The place of one worker: its process, and the next one where that ends. */
export class WorkerSlot {
  readonly number: number;
  readonly #ports: SlotPorts;
  readonly #listens = new Pending<ListenOutcome>();
  readonly #purges = new Pending<readonly number[]>();
  readonly #answers = new Pending<Answer>();
  #process: Forked | null = null;
  #phase: "starting" | "kept" | "stopping" = "starting";
  /** Monotonic ms since which it serves; null while it does not. */
  #since: number | null = null;
  #failures = 0;
  #restarts = 0;
  #requests = 0;
  #brokenOff = 0;
  #cancelRestart: () => void = () => undefined;
  #ended: () => void = () => undefined;
  /** As it stood last; null before its first word. */
  gauges: WorkerGauges | null = null;

  constructor(number: number, ports: SlotPorts) {
    this.number = number;
    this.#ports = ports;
  }

  get isServing(): boolean {
    return this.#since !== null;
  }

  /**
   * Starts the first process, and from then on sees to it that there is one. Throws `UserError` where it ends again and
   * again before it serves.
   */
  async start(): Promise<ListenOutcome> {
    for (let tries = 1; ; tries++) {
      const outcome = await this.#begin().catch((error: Error) => error);
      if (!(outcome instanceof Error)) {
        this.#phase = "kept";
        return outcome;
      }
      if (this.#phase === "stopping" || tries >= START_TRIES) throw neverCameUp(this.number, tries, outcome);
    }
  }

  /** What is sent while there is no process is lost: the next begins with all that holds by then. */
  send(message: ToWorker): void {
    this.#process?.send(message);
  }

  /** Rejects where the worker ends before it answers. */
  listen(message: Omit<Extract<ToWorker, { type: "listen" }>, "type" | "id">): Promise<ListenOutcome> {
    return this.#listens.open((id) => this.send({ type: "listen", id, ...message }));
  }

  /** How many entries each met; none where the worker ends, or takes too long. */
  async purges(purges: Extract<ToWorker, { type: "purges" }>["purges"]): Promise<readonly number[]> {
    if (this.#process === null) return [];
    // Its cache would be wrong, and what it is told pile up.
    if (this.#purges.size >= MOST_UNANSWERED) this.#process.kill();
    let cancel = (): void => undefined;
    const late = new Promise<readonly number[]>((resolve) => {
      cancel = this.#ports.time.schedule(() => resolve([]), PURGE_TIMEOUT);
    });
    const asked = this.#purges.open((id) => this.send({ type: "purges", id, purges })).catch(() => []);
    const counts = await Promise.race([asked, late]);
    cancel();
    return counts;
  }

  /** Rejects where the worker ends before it answers. */
  ask(ask: Ask): Promise<Answer> {
    return this.#answers.open((id) => this.send({ type: "ask", id, ask }));
  }

  /** Lets it finish within `grace` ms; resolves when its process is gone, with how many exchanges were broken off. */
  stop(grace: number): Promise<number> {
    this.#phase = "stopping";
    this.#cancelRestart();
    const process = this.#process;
    if (process === null) return Promise.resolve(0);
    return new Promise((resolve) => {
      const cancel = this.#ports.time.schedule(() => process.kill(), grace + OVERTIME);
      this.#ended = () => {
        cancel();
        resolve(this.#brokenOff);
      };
      process.send({ type: "stop", grace });
    });
  }

  /** Ends it at once. */
  kill(): void {
    this.#phase = "stopping";
    this.#cancelRestart();
    this.#process?.kill();
  }

  status(): WorkerStatus {
    const { gauges } = this;
    const { tick } = this.#ports.time.clock;
    return {
      worker: this.number,
      pid: this.#process?.pid ?? null,
      state: this.#state,
      uptime: this.#since === null ? null : Math.round(tick() - this.#since),
      restarts: this.#restarts,
      requests: this.#requests,
      inFlight: gauges?.inFlight ?? 0,
      connections: gauges?.connections ?? 0,
      memory: gauges?.memory ?? 0,
    };
  }

  get #state(): WorkerStatus["state"] {
    if (this.#phase === "stopping") return "stopping";
    if (this.isServing) return "running";
    return this.#process === null ? "waiting" : "starting";
  }

  async #begin(): Promise<ListenOutcome> {
    const { fork, begin, time } = this.#ports;
    const process = fork({
      message: (message) => this.#hear(message),
      exit: (how) => this.#gone(how),
    });
    this.#process = process;
    const outcome = await this.#listens.open((id) => process.send({ type: "start", id, ...begin() }));
    if (outcome.kind === "bound") this.#since = time.clock.tick();
    return outcome;
  }

  #hear(message: ToPrimary): void {
    switch (message.type) {
      case "listened":
        this.#listens.settle(message.id, message.outcome);
        break;
      case "purged":
        this.#purges.settle(message.id, message.counts);
        break;
      case "answered":
        this.#answers.settle(message.id, message.answer);
        break;
      case "report":
        this.#take(message.report);
        break;
      case "stopped":
        this.#brokenOff = message.brokenOff;
    }
    this.#ports.heard(this, message);
  }

  #take({ gauges, counts }: WorkerReport): void {
    this.gauges = gauges;
    this.#requests += counts?.live.requests ?? 0;
  }

  #gone(how: Ended): void {
    const { time, logger } = this.#ports;
    const pid = this.#process?.pid;
    const lived = this.#since === null ? 0 : time.clock.tick() - this.#since;
    this.#process = null;
    this.#since = null;
    this.gauges = null;
    const error = new Error(typeof how === "number" ? `it ended with exit code ${how}` : `it was ended by ${how}`);
    for (const waiting of [this.#listens, this.#purges, this.#answers]) waiting.fail(error);
    this.#ended();
    if (this.#phase !== "kept") return;
    this.#failures = lived >= STEADY ? 1 : this.#failures + 1;
    const delay = restartDelay(this.#failures);
    const when = delay === 0 ? "at once" : `in ${delay / 1000} s`;
    logger.error({ worker: this.number, pid, ended: how }, `a worker ended: another takes its place ${when}`);
    this.#cancelRestart = time.schedule(() => void this.#replace(), delay);
  }

  async #replace(): Promise<void> {
    const { logger } = this.#ports;
    this.#restarts++;
    // Where it ends before it serves, that was told, and the next try is under way.
    const outcome = await this.#begin().catch(() => null);
    if (outcome === null) return;
    const worker = { worker: this.number, pid: this.#process?.pid };
    if (outcome.kind === "bound") return logger.info(worker, "a worker took the place of one that ended");
    logger.error({ ...worker, why: outcome.failure.message }, "a worker cannot listen");
    this.#process?.kill();
  }
}

function neverCameUp(number: number, tries: number, { message }: Error): UserError {
  return new UserError(
    `Worker ${number} did not come up in ${tries} tries: ${message}. See the log above for why, or start with --workers 1.`,
  );
}
