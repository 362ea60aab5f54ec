import { type AttemptFailure, type BackendId, planRetry } from "@headgate/balancer";
import type { Clock } from "../clock.ts";
import { AttemptError } from "../upstream/attempt-error.ts";
import { discardAnswer } from "../upstream/discard-answer.ts";
import type { Fetch, TryOnce } from "../upstream/fetch.ts";
import { holdAnswer } from "../upstream/hold-answer.ts";
import { noBackend } from "../upstream/no-backend.ts";
import { prepareBody } from "../upstream/outgoing-body.ts";
import { retryAfterOf } from "../upstream/retry-after.ts";
import type { PlanNext, UpstreamRequest, UpstreamResponse } from "../upstream/upstream-request.ts";
import { sleep } from "../wait.ts";

export interface RetryParts {
  readonly clock: Clock;
  readonly random: () => number;
  readonly tryOnce: TryOnce;
}

/** An answer with a status that the pool retries on. */
const STATUS: AttemptFailure = { phase: "head", kind: "status", bytesSent: true };

/** Keeps the body for another attempt, and makes one where the plan says so. */
export function retry(parts: RetryParts): Fetch {
  const { clock, tryOnce } = parts;
  const planNext = planner(parts);
  return async (request) => {
    const { incoming, pool, limits, attempts } = request;
    if (incoming !== null) request.body = await prepareBody(incoming, limits.replay, limits.responseBuffer);
    const now = clock.tick();
    pool.budget.deposit(now);
    const { total, retryStatuses, hold } = pool.rules;
    const before = attempts.length;
    request.retry = { planNext, before, deadline: total === undefined ? undefined : now + total };
    let tried: readonly BackendId[] | null = null;
    for (;;) {
      let delay: number | null;
      try {
        const response = await tryOnce(request, tried);
        const coming = hold === null ? null : holdAnswer(response, hold);
        if (coming !== null) await coming;
        if (retryStatuses === null || !retryStatuses.has(response.status)) return response;
        delay = delayAfterAnswer(response, request, planNext, clock);
        if (delay === null) return response;
      } catch (error) {
        if (!(error instanceof AttemptError)) throw error;
        delay = delayAfterFailure(error, request, planNext);
      }
      if (delay > 0) await sleep(delay, request.cancellation);
      tried = attempts.slice(before).map(({ backend }) => backend as BackendId);
    }
  };
}

function planner({ clock, random }: RetryParts): PlanNext {
  return (request, failure, retryAfter) => {
    const { method, attempts, body, pool, idempotencyKey, retry: state } = request;
    return planRetry({
      ...{ method, failure, idempotencyKey, retryAfter, random },
      attempts: attempts.length - (state?.before ?? 0),
      retries: pool.retries,
      replayable: body?.replayable ?? true,
      responseStarted: false,
      budget: pool.budget,
      now: clock.tick(),
      deadline: state?.deadline,
      on: pool.rules.retryOn,
    });
  };
}

/** ms until the attempt after an answer that is not good enough, of which the body is let go; null where it is the last. */
function delayAfterAnswer(
  response: UpstreamResponse,
  request: UpstreamRequest,
  planNext: PlanNext,
  clock: Clock,
): number | null {
  const plan = planNext(request, STATUS, retryAfterOf(response.fields, clock.now()));
  const record = recordOf(response.backend, request);
  if (record !== undefined) record.retry = plan.reason;
  if (plan.kind === "give-up") return null;
  if (record !== undefined) record.outcome = STATUS.kind;
  const reason = new Error(`status ${response.status}`);
  discardAnswer(response, new AttemptError(response.backend, STATUS, reason));
  return plan.delay;
}

/** ms until the attempt after a failed one; throws what the client is told where there will be none. */
function delayAfterFailure(error: AttemptError, request: UpstreamRequest, planNext: PlanNext): number {
  const { failure, backend } = error;
  const plan = error.plan ?? planNext(request, failure);
  const record = recordOf(backend, request);
  if (record !== undefined) record.retry = plan.reason;
  if (plan.kind === "retry") return plan.delay;
  // Nothing was sent, and who refused is put aside by now: the next try meets others, or learns that there are none.
  const { pool } = request;
  if (!failure.bytesSent && pool.balancer.get(backend as BackendId)?.usable !== true) throw noBackend(pool, "refused");
  throw error;
}

/** The record of the last attempt at a backend; that of a hedge may stand behind it. */
function recordOf(backend: string, { attempts }: UpstreamRequest) {
  return attempts.findLast((attempt) => attempt.backend === backend);
}
