import { type AttemptFailure, attemptTimeout, type Backend, type RetryPlan } from "@headgate/balancer";
import type { Upstream } from "./upstream.ts";

/** How an attempt ended for its exchange. `plan` where it is settled already what comes next. */
export type Result =
  | { readonly kind: "answer"; readonly status: number }
  | { readonly kind: "failure"; readonly failure: AttemptFailure; readonly plan?: RetryPlan }
  /** There was no backend for it. */
  | { readonly kind: "none"; readonly why: string };

export interface AttemptRequest {
  /** ms. */
  readonly work: number;
  /** ms. */
  readonly deadline: number | undefined;
  /** What comes after a failure. Takes from the budget when it says `retry`. */
  readonly planNext: (failure: AttemptFailure) => RetryPlan;
}

const FAILURES = {
  refused: { phase: "connect", kind: "refused", bytesSent: false },
  reset: { phase: "sent", kind: "reset", bytesSent: true },
  timeout: { phase: "head", kind: "head-timeout", bytesSent: true },
  unreachable: { phase: "sent", kind: "unreachable", bytesSent: true },
} as const satisfies Record<string, AttemptFailure>;

/** One try at one backend, as the gateway's own attempts are: bounded in time, and told to pool and health when over. */
export class Attempt {
  readonly backend: Backend;
  readonly #upstream: Upstream;
  readonly #era: number;
  readonly #request: AttemptRequest;
  readonly #onEnd: (result: Result) => void;
  readonly #began: number;
  #stopTimer: (() => void) | null = null;
  #over = false;

  constructor(
    upstream: Upstream,
    backend: Backend,
    era: number,
    request: AttemptRequest,
    onEnd: (result: Result) => void,
  ) {
    this.backend = backend;
    this.#upstream = upstream;
    this.#era = era;
    this.#request = request;
    this.#onEnd = onEnd;
    this.#began = upstream.time.now();
  }

  start(): void {
    const { time, settings } = this.#upstream;
    const { work, deadline } = this.#request;
    const { after } = attemptTimeout({ ...settings.timeouts, deadline }, this.#began);
    this.#stopTimer = time.schedule(() => this.#fail({ kind: "failure", failure: FAILURES.timeout }), after);
    this.#upstream.begin(this, work, (ending) => {
      if (typeof ending === "number") this.#answer(ending);
      else this.#fail({ kind: "failure", failure: FAILURES[ending] });
    });
  }

  /** Its backend was found UNREACHABLE: it is given up where the exchange may be tried elsewhere. */
  evacuate(): void {
    const failure = FAILURES.unreachable;
    const plan = this.#request.planNext(failure);
    if (plan.kind === "retry") this.#fail({ kind: "failure", failure, plan });
  }

  /** The other one of two was faster. All that is learnt is that this one takes at least so long. */
  lose(): void {
    if (this.#over) return;
    this.#settle(false);
  }

  #answer(status: number): void {
    if (this.#over) return;
    const latency = this.#settle(status >= 500, status === 503);
    this.#upstream.health.attemptEnded(this.backend, status, latency);
    this.#onEnd({ kind: "answer", status });
  }

  #fail(result: Result & { readonly kind: "failure" }): void {
    if (this.#over) return;
    const { kind } = result.failure;
    const latency = this.#settle(true, kind === "refused" || kind === "head-timeout");
    if (kind === "refused") this.#upstream.health.refused(this.backend);
    else this.#upstream.health.attemptEnded(this.backend, null, latency);
    this.#onEnd(result);
  }

  #settle(failed: boolean, overloaded = false): number {
    this.#over = true;
    this.#stopTimer?.();
    const now = this.#upstream.time.now();
    const latency = now - this.#began;
    this.#upstream.end(this, this.#era, { latency, failed, overloaded, now });
    return latency;
  }
}
