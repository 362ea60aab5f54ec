import type {
  AttemptOutcome,
  Choice,
  ChooseContext,
  CircuitBreaker,
  Pool,
  Refusal,
  WaitQueue,
} from "@headgate/balancer";
import type { Clock } from "../clock.ts";
import { GatewayError } from "../gateway-error.ts";
import type { UpstreamRequest } from "./upstream-request.ts";

const FULL: Choice = { kind: "none", reason: "limits" };

/** What a gate is made of. */
export interface GateParts {
  readonly balancer: Pool;
  readonly clock: Clock;
  readonly queue: WaitQueue<Choice>;
  /** Null where the pool has none. */
  readonly breaker: CircuitBreaker | null;
}

/**
 * What stands before a pool with limits or a circuit breaker: attempts pass at once while there is room, wait in line while
 * there is none, and are turned away while the breaker is open.
 */
export class Gate {
  readonly #parts: GateParts;

  constructor(parts: GateParts) {
    this.#parts = parts;
  }

  /** How many wait. */
  get waiting(): number {
    return this.#parts.queue.length;
  }

  get breaker(): CircuitBreaker["state"] | null {
    return this.#parts.breaker?.state ?? null;
  }

  /** What `admit` would throw; null where it would let an attempt pass. Changes nothing. */
  refusal(): GatewayError | null {
    const { breaker, clock, balancer } = this.#parts;
    const refusal = breaker?.refusal(clock.tick()) ?? null;
    return refusal === null ? null : circuitOpen(balancer.name, refusal);
  }

  /** Asks the breaker. The era it gives is told to `leave`. Throws 503 where it is open. */
  admit(): number {
    const { breaker, clock, balancer } = this.#parts;
    if (breaker === null) return 0;
    const admission = breaker.admit(clock.tick());
    if (admission.kind === "refuse") throw circuitOpen(balancer.name, admission);
    return admission.era;
  }

  /** A backend where there is room and nobody waits; `limits` where there is none. */
  choose(context: ChooseContext): Choice {
    return this.waiting > 0 ? FULL : this.#parts.balancer.choose(context);
  }

  /** Waits in line for a backend with room; rejects with 503 when the line is full or the wait is over. */
  async wait(request: UpstreamRequest, context: ChooseContext): Promise<Choice> {
    const { balancer, clock, queue } = this.#parts;
    const { cancellation, retry } = request;
    const attempt = (): Choice | undefined => {
      const choice = balancer.choose({ ...context, now: clock.tick() });
      return choice.kind === "none" && choice.reason === "limits" ? undefined : choice;
    };
    const abort = new AbortController();
    const cancelled = (): void => abort.abort();
    cancellation.onCancel(cancelled);
    const left = retry?.deadline === undefined ? undefined : Math.max(0, retry.deadline - clock.tick());
    const result = await queue.enter(attempt, abort.signal, left);
    cancellation.off(cancelled);
    if (result.kind === "ready") return result.value;
    throw result.reason === "cancelled" ? cancellation.reason : poolBusy(balancer, result.reason);
  }

  /** An attempt that was admitted ended; without an outcome it says nothing. */
  leave(era: number, outcome: AttemptOutcome | null): void {
    const { breaker, clock } = this.#parts;
    if (breaker !== null) {
      if (outcome === null) breaker.abandoned(era);
      else if (outcome.failed) breaker.failed(era, clock.tick());
      else breaker.succeeded(era, clock.tick());
    }
    this.wake();
  }

  /** There may be room. */
  wake(): void {
    if (this.waiting > 0) this.#parts.queue.wake();
  }
}

function circuitOpen(pool: string, { reason, retryAfter }: Refusal): GatewayError {
  const why =
    reason === "open" ? "Most attempts have failed" : "Requests are let through to see whether it answers again";
  return new GatewayError("circuit-open", `The pool ${pool} is given a rest. ${why}.`, {
    fields: ["Retry-After", String(Math.max(1, Math.ceil(retryAfter / 1000)))],
  });
}

function poolBusy({ name, active }: Pool, reason: "queue-full" | "queue-timeout"): GatewayError {
  const why = reason === "queue-full" ? "no more may wait" : "none ended in time";
  return new GatewayError(
    "pool-busy",
    `The pool ${name} has ${active} requests in flight, which is its limit, and ${why}.`,
    {
      fields: ["Retry-After", "1"],
    },
  );
}
