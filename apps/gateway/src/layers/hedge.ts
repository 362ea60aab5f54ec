import { type BackendId, isOpen, type LatencyQuantile, planHedge } from "@headgate/balancer";
import { ChildCancellation } from "../cancellation.ts";
import type { Clock } from "../clock.ts";
import type { TryOnce } from "../upstream/fetch.ts";
import { firstGood } from "../upstream/first-good.ts";
import { HedgeLost } from "../upstream/hedge-lost.ts";
import type { UpstreamRequest, UpstreamResponse } from "../upstream/upstream-request.ts";

export interface HedgeParts {
  readonly clock: Clock;
  readonly tryOnce: TryOnce;
}

type Tried = readonly BackendId[] | null;

/** Where a pool hedges: sends what takes longer than most to a second backend too, and takes what answers first. */
export function hedge({ clock, tryOnce }: HedgeParts): TryOnce {
  return (request, tried) => {
    const { latencies } = request.pool.rules;
    return latencies === null ? tryOnce(request, tried) : measured(request, tried, latencies);
  };

  async function measured(request: UpstreamRequest, tried: Tried, latencies: LatencyQuantile) {
    const began = clock.tick();
    const { method, body, pool, retry, session, upgrade } = request;
    const plan = planHedge({
      ...{ method, latencies, now: began, deadline: retry?.deadline },
      replayable: body?.replayable ?? true,
      others: pool.balancer.backends.length - 1 - (tried?.length ?? 0),
    });
    if (plan.kind === "single" && plan.reason === "not-idempotent") return tryOnce(request, tried);
    // A session belongs to one backend, and so does a tunnel.
    const alone = plan.kind === "single" || upgrade !== null || session?.pinned !== undefined;
    const response = await (alone ? tryOnce(request, tried) : hedged(request, tried, plan.after));
    const now = clock.tick();
    if (response.status < 500) latencies.add(now - began, now);
    return response;
  }

  async function hedged(request: UpstreamRequest, tried: Tried, after: number): Promise<UpstreamResponse> {
    const { attempts } = request;
    const index = attempts.length;
    const first = start(request, tried);
    if (await settlesWithin(first.response, after)) return first.response;
    const record = attempts[index];
    if (record === undefined) return first.response;
    const met = [...(tried ?? []), record.backend as BackendId];
    if (!mayHedge(request, met)) return first.response;
    record.retry = "hedge";
    return firstGood(first, start({ ...request, interim: null, hedge: true }, met));
  }

  /** One of the two, with a cancellation of its own. */
  function start(request: UpstreamRequest, tried: Tried) {
    const own = new ChildCancellation(request.cancellation);
    const response = tryOnce({ ...request, cancellation: own }, tried);
    return { response, lose: () => own.cancel(new HedgeLost()) };
  }

  /** Whether it may be sent once more, another backend can take it, and the budget allows it. */
  function mayHedge({ pool, body, attempts, retry }: UpstreamRequest, met: readonly BackendId[]): boolean {
    const { balancer, budget, retries, rules } = pool;
    if (attempts.length - (retry?.before ?? 0) > retries) return false;
    if (body?.replayable === false || (rules.gate?.waiting ?? 0) > 0) return false;
    if (!balancer.backends.some((backend) => backend.usable && isOpen(backend, met))) return false;
    return budget.take(clock.tick());
  }
}

/** Whether a promise is settled, in whichever way, within `ms`. */
function settlesWithin(work: Promise<unknown>, ms: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), ms);
    const settled = (): void => {
      clearTimeout(timer);
      resolve(true);
    };
    work.then(settled, settled);
  });
}
