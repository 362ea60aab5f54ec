import { type AttemptFailure, type Backend, type BackendId, planRetry, type RetryPlan } from "@headgate/balancer";
import type { Result } from "./attempt.ts";
import { SideBySide } from "./side-by-side.ts";
import type { Upstream } from "./upstream.ts";

export interface ExchangeLoad {
  readonly method: string;
  readonly key: string;
  /** The work of its nth attempt, from 0, ms. */
  readonly work: (attempt: number) => number;
}

/** An answer with a status that the pool retries on. */
const STATUS: AttemptFailure = { phase: "head", kind: "status", bytesSent: true };

/** One exchange with its attempts, as the gateway's retry layer makes them. */
export class Exchange {
  readonly #upstream: Upstream;
  readonly #load: ExchangeLoad;
  readonly #onEnd: () => void;
  readonly #began: number;
  readonly #deadline: number | undefined;
  readonly #tried: BackendId[] = [];

  constructor(upstream: Upstream, load: ExchangeLoad, onEnd: () => void) {
    const { time, settings } = upstream;
    this.#upstream = upstream;
    this.#load = load;
    this.#onEnd = onEnd;
    this.#began = time.now();
    const { total } = settings.timeouts;
    this.#deadline = total === undefined ? undefined : this.#began + total;
  }

  start(): void {
    this.#upstream.budget.deposit(this.#began);
    this.#try();
  }

  #try(): void {
    const { method, key, work } = this.#load;
    const tried = this.#tried.length === 0 ? null : [...this.#tried];
    const next = (): number => work(this.#tried.length);
    new SideBySide(this.#upstream, {
      ...{ method, key, tried, work: next(), hedgeWork: next, deadline: this.#deadline },
      planNext: (failure) => this.#plan(failure),
      attemptsLeft: () => this.#tried.length <= this.#upstream.settings.retries.count,
      onAttempt: ({ id }: Backend) => this.#tried.push(id),
      onEnd: (result) => this.#ended(result),
    }).start();
  }

  #ended(result: Result): void {
    const plan = this.#planAfter(result);
    if (plan?.kind !== "retry") {
      this.#finish(result);
      return;
    }
    this.#upstream.tally.retries++;
    if (plan.delay > 0) this.#upstream.time.schedule(() => this.#try(), plan.delay);
    else this.#try();
  }

  #planAfter(result: Result): RetryPlan | null {
    if (result.kind === "failure") return result.plan ?? this.#plan(result.failure);
    const retried = result.kind === "answer" && this.#upstream.settings.retries.statuses.has(result.status);
    return retried ? this.#plan(STATUS) : null;
  }

  #plan(failure: AttemptFailure): RetryPlan {
    const { budget, time, settings, retryRandom } = this.#upstream;
    return planRetry({
      ...{ method: this.#load.method, failure, budget, now: time.now(), random: retryRandom, deadline: this.#deadline },
      attempts: this.#tried.length,
      retries: settings.retries.count,
      replayable: true,
      responseStarted: false,
      on: settings.retries.on,
    });
  }

  #finish(result: Result): void {
    const { tally, time } = this.#upstream;
    if (result.kind === "answer" && result.status < 500) tally.answered(time.now() - this.#began);
    else tally.failed(reasonOf(result));
    this.#onEnd();
  }
}

function reasonOf(result: Result): string {
  switch (result.kind) {
    case "answer":
      return `status ${result.status}`;
    case "failure":
      return result.failure.kind;
    case "none":
      return result.why;
  }
}
