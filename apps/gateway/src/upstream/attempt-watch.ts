import {
  type AttemptOutcome,
  attemptTimeout,
  type Backend,
  type BackendId,
  type Choice,
  parseLoadField,
} from "@headgate/balancer";
import { getField, removeField } from "@headgate/http";
import type { Clock } from "../clock.ts";
import type { AttemptRecord } from "../observability/exchange-record.ts";
import { Attempt, type AttemptEvents } from "./attempt.ts";
import { AttemptError, type FailedOutcome } from "./attempt-error.ts";
import { forward } from "./forward.ts";
import { HedgeLost } from "./hedge-lost.ts";
import type { BackendConnections } from "./send-pass.ts";
import type { WaitingAttempt } from "./upstream-pool.ts";
import type { UpstreamRequest, UpstreamResponse } from "./upstream-request.ts";

/** The field in which a backend tells its load with a response (ORCA). */
const LOAD_FIELD = "endpoint-load-metrics";

/** Statuses by which a backend says that it has too much to do. */
const OVERLOADED: ReadonlySet<number> = new Set([429, 503]);

/** Failures by which it shows it. */
const OVERLOAD_FAILURES: ReadonlySet<string> = new Set<FailedOutcome>([
  "refused",
  "connect-timeout",
  "head-timeout",
  "per-try-timeout",
]);

type Chosen = Choice & { readonly kind: "chosen" };

/** How its promise is settled. */
type Settle = Pick<AttemptEvents, "resolve" | "reject">;

/**
 * Makes one attempt at a backend that was chosen. Rejects with `AttemptError` where no response head comes, or with the
 * cancellation's reason.
 * @param era what the pool's gate gave when it let the attempt pass
 * @param now monotonic ms
 */
export function attemptAt(
  choice: Chosen,
  request: UpstreamRequest,
  era: number,
  clock: Clock,
  now: number,
): Promise<UpstreamResponse> {
  return new Promise((resolve, reject) => {
    let watch: AttemptWatch;
    try {
      watch = new AttemptWatch(choice, request, era, clock, now, { resolve, reject });
    } catch (error) {
      request.pool.balancer.release(choice.backend);
      request.pool.rules.gate?.leave(era, null);
      throw error;
    }
    watch.start();
  });
}

/** One attempt as its pool sees it: bounded in time, and told to pool, health and gate when it is over. */
class AttemptWatch implements AttemptEvents, WaitingAttempt {
  readonly #choice: Chosen;
  readonly #request: UpstreamRequest;
  readonly #era: number;
  readonly #clock: Clock;
  readonly #record: AttemptRecord;
  readonly connections: BackendConnections;
  readonly attempt: Attempt;
  place = -1;
  readonly #resolve: (response: UpstreamResponse) => void;
  readonly #reject: (error: Error) => void;
  #timer: NodeJS.Timeout | null = null;
  #waiting = false;

  constructor(
    choice: Chosen,
    request: UpstreamRequest,
    era: number,
    clock: Clock,
    now: number,
    { resolve, reject }: Settle,
  ) {
    this.#choice = choice;
    this.#request = request;
    this.#era = era;
    this.#clock = clock;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#record = newRecord(choice.backend.id, request.hedge, now);
    this.connections = request.pool.connectionsOf(choice.backend);
    this.attempt = new Attempt(request, this.#record, this.connections.responseBuffer, clock, this);
  }

  start(): void {
    const { pool, retry, attempts } = this.#request;
    attempts.push(this.#record);
    if (this.attempt.over) return;
    this.#waiting = true;
    pool.waiting.add(this);
    const { perTry } = pool.rules;
    const deadline = retry?.deadline;
    if (perTry !== undefined || deadline !== undefined) this.#setTimer(perTry, deadline);
    forward(this.connections, this.attempt);
  }

  resolve(response: UpstreamResponse): void {
    this.#waited();
    const { backend, reason } = this.#choice;
    const { session, pool } = this.#request;
    if (session !== null && reason !== "sticky" && reason !== "overflow") session.assigned = backend.id;
    if (pool.rules.readsLoad) this.#readLoad(response);
    this.#resolve(response);
  }

  reject(error: Error): void {
    this.#reject(error);
  }

  settled(error: Error | null): void {
    this.#waited();
    const { backend } = this.#choice;
    const { balancer, rules } = this.#request.pool;
    const now = this.#clock.tick();
    const outcome = this.#outcome(error, now);
    balancer.release(backend, outcome);
    if (rules.gate !== null) rules.gate.leave(this.#era, outcome ?? null);
    if (outcome !== undefined && !(error instanceof HedgeLost)) this.#tellHealth(backend, error, outcome.latency);
  }

  #tellHealth({ id }: Backend, error: Error | null, latency: number): void {
    const { health } = this.#request.pool;
    const kind = error instanceof AttemptError ? error.failure.kind : "status";
    if (kind === "refused") health.reportRefused(id);
    else health.attemptEnded(id, kind === "status" ? this.#record.status : null, latency);
  }

  /** What the pool learns of it: of a client that left, nothing; of a hedge that lost, that it takes at least so long. */
  #outcome(error: Error | null, now: number): AttemptOutcome | undefined {
    const record = this.#record;
    const latency = (record.headAt ?? now) - record.startedAt;
    if (error === null) return this.#judged(latency, (record.status ?? 0) >= 500, now);
    if (error instanceof AttemptError) {
      record.outcome = error.outcome;
      return this.#judged(latency, true, now);
    }
    if (error instanceof HedgeLost) {
      record.outcome = "hedge-lost";
      return { latency, failed: false, outrun: true, now };
    }
    record.outcome = "cancelled";
    return undefined;
  }

  #judged(latency: number, failed: boolean, now: number): AttemptOutcome {
    if (this.#request.pool.rules.gate === null) return { latency, failed, now };
    const { status, outcome } = this.#record;
    const overloaded = status === null ? OVERLOAD_FAILURES.has(outcome) : OVERLOADED.has(status);
    return { latency, failed, overloaded, now };
  }

  #readLoad({ fields }: UpstreamResponse): void {
    const told = getField(fields, LOAD_FIELD);
    if (told === undefined) return;
    removeField(fields, LOAD_FIELD);
    const report = parseLoadField(told);
    if (report === undefined) return;
    const { backend } = this.#choice;
    this.#request.pool.balancer.reportLoad(backend, { ...backend.load?.report, ...report }, this.#clock.tick());
  }

  #setTimer(perTry: number | undefined, deadline: number | undefined): void {
    const head = Number.POSITIVE_INFINITY;
    const { after, kind } = attemptTimeout({ head, perTry, deadline }, this.#record.startedAt);
    const limit = kind === "total" ? kind : "per-try";
    this.#timer = setTimeout(() => {
      const failure = this.attempt.failureOf("timeout");
      const cause = new Error(`no response head within ${after} ms`);
      this.attempt.cancel(new AttemptError(this.attempt.backend, failure, cause, { limit }));
    }, after);
  }

  #waited(): void {
    if (!this.#waiting) return;
    this.#waiting = false;
    this.#request.pool.waiting.remove(this);
    if (this.#timer !== null) clearTimeout(this.#timer);
  }
}

function newRecord(backend: BackendId, hedge: boolean, startedAt: number): AttemptRecord {
  return { backend, startedAt, hedge, sentAt: null, headAt: null, outcome: "ok", status: null, retry: null };
}
