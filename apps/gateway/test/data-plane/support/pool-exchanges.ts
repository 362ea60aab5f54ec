import { RetryBudget } from "@headgate/balancer";
import type { FakeScheduler } from "@headgate/testing";
import { isSource } from "../../../src/body.ts";
import type { Clock } from "../../../src/clock.ts";
import { GatewayError } from "../../../src/gateway-error.ts";
import { balance } from "../../../src/layers/balance.ts";
import { hedge } from "../../../src/layers/hedge.ts";
import { retry } from "../../../src/layers/retry.ts";
import { AttemptError } from "../../../src/upstream/attempt-error.ts";
import type { TryOnce } from "../../../src/upstream/fetch.ts";
import type { PoolRules } from "../../../src/upstream/upstream-pool.ts";
import type { UpstreamRequest, UpstreamResponse } from "../../../src/upstream/upstream-request.ts";
import { recordingOf } from "./bodies.ts";
import { aRequest, type DrivenAttempt, PLAIN_RULES, TestPool } from "./upstream.ts";

/** One attempt that a test drives, and where it went. */
export interface RunningAttempt {
  readonly driven: DrivenAttempt;
  readonly id: string;
}

/** Requests through retry, hedge and balance to four backends that do what the test says, over virtual time. */
export class Exchanges {
  readonly running: RunningAttempt[] = [];
  readonly pool: TestPool;
  /** Whether attempts find a connection at once. */
  connects = true;
  readonly #tryOnce: TryOnce;
  readonly #clock: Clock;

  constructor(time: FakeScheduler, rules: Partial<PoolRules>) {
    const clock = { now: time.now, tick: time.now };
    this.pool = new TestPool([8000, 8001, 8002, 8003], (driven, id) => {
      this.running.push({ driven: this.connects ? driven.start() : driven, id });
    });
    this.pool.rules = { ...PLAIN_RULES, ...rules };
    const random = (): number => 0.999;
    this.#clock = clock;
    this.#tryOnce = hedge({ clock, tryOnce: balance({ clock, random }) });
  }

  spendBudget(): void {
    this.pool.budget = new RetryBudget({ share: 0, minPerSecond: 0 });
  }

  /** How one attempt is made. */
  sender(): TryOnce {
    return this.#tryOnce;
  }

  /** Sends a request and reads its answer; `told` is the status, or what it failed with. */
  ask(changes: Partial<UpstreamRequest> = {}, tryOnce: TryOnce = this.#tryOnce) {
    const request = aRequest({ pool: this.pool, ...changes });
    const fetch = retry({ clock: this.#clock, random: () => 0, tryOnce });
    const told = fetch(request).then(readAway, failureOf);
    return { told, attempts: request.attempts };
  }
}

async function readAway(response: UpstreamResponse): Promise<string> {
  const body = response.takeBody();
  if (isSource(body)) await recordingOf(body).whenOver();
  return String(response.status);
}

function failureOf(error: unknown): string {
  if (error instanceof AttemptError) return error.outcome;
  return error instanceof GatewayError ? error.code : String(error);
}
