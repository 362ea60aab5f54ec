import { RetryBudget } from "@headgate/balancer";
import type { FakeScheduler } from "@headgate/testing";
import { isSource } from "../../../src/body.ts";
import { GatewayError } from "../../../src/gateway-error.ts";
import { balance } from "../../../src/layers/balance.ts";
import { hedge } from "../../../src/layers/hedge.ts";
import { retry } from "../../../src/layers/retry.ts";
import { AttemptError } from "../../../src/upstream/attempt-error.ts";
import type { Fetch } from "../../../src/upstream/fetch.ts";
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
  readonly #fetch: Fetch;

  constructor(time: FakeScheduler, rules: Partial<PoolRules>) {
    const clock = { now: time.now, tick: time.now };
    this.pool = new TestPool([8000, 8001, 8002, 8003], (driven, id) => {
      this.running.push({ driven: this.connects ? driven.start() : driven, id });
    });
    this.pool.rules = { ...PLAIN_RULES, ...rules };
    const random = (): number => 0.999;
    const tryOnce = hedge({ clock, tryOnce: balance({ clock, random }) });
    this.#fetch = retry({ clock, random: () => 0, tryOnce });
  }

  spendBudget(): void {
    this.pool.budget = new RetryBudget({ share: 0, minPerSecond: 0 });
  }

  /** Sends a request and reads its answer; `told` is the status, or what it failed with. */
  ask(changes: Partial<UpstreamRequest> = {}) {
    const request = aRequest({ pool: this.pool, ...changes });
    const told = this.#fetch(request).then(readAway, failureOf);
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
