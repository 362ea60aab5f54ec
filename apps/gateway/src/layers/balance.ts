import type { AttemptOutcome, Backend, BackendId, ChooseContext } from "@headgate/balancer";
import type { Clock } from "../clock.ts";
import type { AttemptRecord } from "../observability/exchange-record.ts";
import { AttemptError } from "../upstream/attempt-error.ts";
import type { TryOnce } from "../upstream/fetch.ts";
import { forward } from "../upstream/forward.ts";
import { noBackend } from "../upstream/no-backend.ts";
import type { UpstreamRequest, UpstreamResponse } from "../upstream/upstream-request.ts";
import { waitUpTo } from "../wait.ts";

/** How long a request waits for the first health checks of a pool, ms; they time out within a second by default. */
const PENDING_WAIT = 2000;

export interface BalanceParts {
  readonly clock: Clock;
  readonly random: () => number;
}

/** Chooses a backend for one attempt, counts it in flight there, and tells the pool and its health how it ended. */
export function balance(parts: BalanceParts): TryOnce {
  return async (request, tried) => {
    const { pool } = request;
    if (pool.health.gathering) await firstChecks(request);
    const context: ChooseContext = { tried, now: parts.clock.tick(), random: parts.random };
    let choice = pool.balancer.choose(context);
    if (choice.kind === "none" && choice.reason === "pending") {
      await firstChecks(request);
      choice = pool.balancer.choose({ ...context, now: parts.clock.tick() });
    }
    if (choice.kind === "none") throw noBackend(pool, choice.reason);
    return attemptAt(choice.backend, request, parts.clock);
  };
}

function firstChecks({ pool, cancellation }: UpstreamRequest): Promise<void> {
  return waitUpTo(pool.health.whenSettled(), PENDING_WAIT, cancellation);
}

async function attemptAt(backend: Backend, request: UpstreamRequest, clock: Clock): Promise<UpstreamResponse> {
  const { pool } = request;
  const record = newAttempt(backend.id, clock.tick());
  request.attempts.push(record);
  const settled = (error: Error | null): void => pool.balancer.release(backend, outcomeOf(record, error, clock));
  try {
    return await forward(pool.connectionsOf(backend), request, record, clock, settled);
  } catch (error) {
    if (!(error instanceof AttemptError)) throw error;
    record.outcome = error.failure.kind;
    if (error.failure.kind === "refused") pool.health.reportRefused(backend.id);
    throw error;
  }
}

function newAttempt(backend: BackendId, startedAt: number): AttemptRecord {
  return { backend, startedAt, sentAt: null, headAt: null, outcome: "ok", status: null, retry: null };
}

/** A client that left says nothing of the backend. */
function outcomeOf(record: AttemptRecord, error: Error | null, clock: Clock): AttemptOutcome | undefined {
  if (error !== null && !(error instanceof AttemptError)) {
    record.outcome = "cancelled";
    return undefined;
  }
  if (error !== null) record.outcome = error.failure.kind;
  const now = clock.tick();
  const failed = error !== null || (record.status !== null && record.status >= 500);
  return { latency: (record.headAt ?? now) - record.startedAt, failed, now };
}
