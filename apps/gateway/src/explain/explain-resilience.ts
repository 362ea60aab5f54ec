import { planHedge } from "@headgate/balancer";
import { isIdempotent } from "@headgate/http";
import type { ConfigSnapshot } from "../config/snapshot.ts";
import type { UpstreamRequest } from "../upstream/upstream-request.ts";
import type { HedgingTold, QueueTold, RetriesTold } from "./explanation.ts";

type PoolConfig = ConfigSnapshot["pools"][string];

/** Whether and how a request would be tried again. */
export function explainRetries(
  { method, pool, idempotencyKey, limits }: UpstreamRequest,
  { retries }: PoolConfig,
  hasBody: boolean,
  tick: number,
): RetriesTold {
  const { hold } = pool.rules;
  return {
    count: pool.retries,
    hold: hold === null ? null : { upTo: hold.bytes, time: hold.time },
    when: isIdempotent(method) ? "idempotent" : idempotencyKey ? "idempotency-key" : "unsent",
    on: typeof retries === "number" ? [] : retries.on.map(String),
    budgetLeft: pool.budget.left(tick),
    bodyUpTo: hasBody ? limits.replay : null,
  };
}

/** Whether and when it would be sent to a second backend as well. */
export function explainHedging({ method, pool, session, upgrade }: UpstreamRequest, tick: number): HedgingTold {
  const { latencies, total } = pool.rules;
  if (latencies === null) return { kind: "off" };
  if (upgrade !== null) return { kind: "single", reason: "upgrade" };
  if (session?.pinned !== undefined) return { kind: "single", reason: "session" };
  return planHedge({
    ...{ method, latencies, now: tick, replayable: true },
    others: pool.balancer.backends.length - 1,
    deadline: total === undefined ? undefined : tick + total,
  });
}

/** What stands before the pool; null where nothing does. */
export function explainQueue(
  { pool }: UpstreamRequest,
  { limits }: PoolConfig,
  limit: number | null,
): QueueTold | null {
  const { gate } = pool.rules;
  if (gate === null) return null;
  return {
    ...{ limit, active: pool.balancer.active, waiting: gate.waiting, breaker: gate.breaker },
    ...{ capacity: limits.waiting, longestWait: limits.wait },
  };
}
