import { type BackendId, planRetry } from "@headgate/balancer";
import type { Clock } from "../clock.ts";
import { AttemptError } from "../upstream/attempt-error.ts";
import type { Fetch, TryOnce } from "../upstream/fetch.ts";
import { noBackend } from "../upstream/no-backend.ts";
import { prepareBody } from "../upstream/outgoing-body.ts";
import type { UpstreamRequest } from "../upstream/upstream-request.ts";
import { sleep } from "../wait.ts";

export interface RetryParts {
  readonly clock: Clock;
  readonly random: () => number;
  readonly tryOnce: TryOnce;
}

/** Keeps the body for another attempt, and makes one where the plan says so. */
export function retry(parts: RetryParts): Fetch {
  const { clock, tryOnce } = parts;
  return async (request) => {
    const { incoming, pool, limits } = request;
    if (incoming !== null) request.body = await prepareBody(incoming, limits.replay, limits.responseBuffer);
    pool.budget.deposit(clock.tick());
    let tried: BackendId[] | null = null;
    for (;;) {
      try {
        return await tryOnce(request, tried);
      } catch (error) {
        if (!(error instanceof AttemptError)) throw error;
        const delay = delayBeforeNext(error, request, parts);
        if (delay > 0) await sleep(delay, request.cancellation);
        tried ??= [];
        tried.push(error.backend as BackendId);
      }
    }
  };
}

/** ms until the next attempt; throws what the client is told where there will be none. */
function delayBeforeNext(error: AttemptError, request: UpstreamRequest, { clock, random }: RetryParts): number {
  const { pool, attempts, body, method } = request;
  const plan = planRetry({
    method,
    attempts: attempts.length,
    retries: pool.retries,
    failure: error.failure,
    replayable: body?.replayable ?? true,
    responseStarted: false,
    budget: pool.budget,
    now: clock.tick(),
    random,
  });
  const last = attempts.at(-1);
  if (last !== undefined) last.retry = plan.reason;
  if (plan.kind === "retry") return plan.delay;
  // Nothing was sent, and who refused is put aside by now: the next try meets others, or learns that there are none.
  const aside = pool.balancer.get(error.backend as BackendId)?.usable !== true;
  if (!error.failure.bytesSent && aside) throw noBackend(pool, "refused");
  throw error;
}
