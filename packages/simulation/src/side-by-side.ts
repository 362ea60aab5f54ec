import { type Backend, type BackendId, isOpen, planHedge } from "@headgate/balancer";
import { Attempt, type AttemptRequest, type Result } from "./attempt.ts";
import type { Upstream } from "./upstream.ts";

/** What an attempt, or two of them, are made for. */
export interface TryRequest extends AttemptRequest {
  readonly method: string;
  readonly key: string;
  readonly tried: readonly BackendId[] | null;
  /** Work of a hedge, ms. */
  readonly hedgeWork: () => number;
  /** An attempt was made. */
  readonly onAttempt: (backend: Backend) => void;
  /** Whether the exchange may have one more attempt. */
  readonly attemptsLeft: () => boolean;
  readonly onEnd: (result: Result) => void;
}

/**
 * One attempt and, where the pool hedges and it takes longer than most, a second one beside it; the first good answer wins.
 * An error waits for the other, as in the gateway.
 */
export class SideBySide {
  readonly #upstream: Upstream;
  readonly #request: TryRequest;
  readonly #began: number;
  readonly #attempts: Attempt[] = [];
  readonly #results: Result[] = [];
  #started = 1;
  #stopTimer: (() => void) | null = null;
  #over = false;

  constructor(upstream: Upstream, request: TryRequest) {
    this.#upstream = upstream;
    this.#request = request;
    this.#began = upstream.time.now();
  }

  start(): void {
    this.#planHedge();
    this.#attempt(0, this.#request.tried, this.#request.work);
  }

  #planHedge(): void {
    const { latencies, pool, time } = this.#upstream;
    if (latencies === null) return;
    const { method, deadline, tried } = this.#request;
    const others = pool.backends.length - 1 - (tried?.length ?? 0);
    const plan = planHedge({ method, replayable: true, latencies, others, now: this.#began, deadline });
    if (plan.kind === "hedge") this.#stopTimer = time.schedule(() => this.#hedge(), plan.after);
  }

  #hedge(): void {
    const { pool, budget, gate, tally, time } = this.#upstream;
    const { tried, attemptsLeft, hedgeWork } = this.#request;
    const [first] = this.#attempts;
    if (first === undefined || gate.waiting > 0 || !attemptsLeft()) return;
    const met = [...(tried ?? []), first.backend.id];
    if (!pool.backends.some((backend) => backend.usable && isOpen(backend, met))) return;
    if (!budget.take(time.now())) return;
    tally.hedges++;
    this.#started = 2;
    this.#attempt(1, met, hedgeWork());
  }

  #attempt(place: number, tried: readonly BackendId[] | null, work: number): void {
    const { gate } = this.#upstream;
    const { key, deadline, planNext, onAttempt } = this.#request;
    gate.pass(this.#upstream.context(tried, key), deadline, (passed) => {
      if (passed.kind === "none") {
        this.#ended(place, passed);
        return;
      }
      const { backend, era } = passed;
      const request = { work, deadline, planNext };
      const attempt = new Attempt(this.#upstream, backend, era, request, (result) => this.#ended(place, result));
      this.#attempts[place] = attempt;
      onAttempt(backend);
      if (this.#over) attempt.lose();
      else attempt.start();
    });
  }

  #ended(place: number, result: Result): void {
    if (this.#over) return;
    this.#results[place] = result;
    const good = result.kind === "answer" && result.status < 500;
    const [first, second] = this.#results;
    if (good) this.#end(result);
    else if (this.#started === 1) this.#end(result);
    else if (first !== undefined && second !== undefined) this.#end(bestOf(first, second));
  }

  #end(result: Result): void {
    this.#over = true;
    this.#stopTimer?.();
    for (const attempt of this.#attempts) attempt?.lose();
    const { latencies, time } = this.#upstream;
    if (result.kind === "answer" && result.status < 500) latencies?.add(time.now() - this.#began, time.now());
    this.#request.onEnd(result);
  }
}

/** Where neither is good: the first one's, an answer before a failure. */
function bestOf(first: Result, second: Result): Result {
  return first.kind !== "answer" && second.kind === "answer" ? second : first;
}
