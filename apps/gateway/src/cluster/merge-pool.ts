import type { BackendStatus, PoolStatus } from "../control/control-plane.ts";
import type { PoolGauges } from "./worker-report.ts";

type Breaker = PoolStatus["breaker"];

/** A pool as people see it, with what its workers have in flight. */
export function mergePool(pool: PoolStatus, parts: readonly PoolGauges[]): PoolStatus {
  if (parts.length === 0) return pool;
  const sum = (read: (part: PoolGauges) => number): number => parts.reduce((total, part) => total + read(part), 0);
  return {
    ...pool,
    active: sum(({ active }) => active),
    limit: parts.some(({ limit }) => limit === null) ? null : sum(({ limit }) => limit ?? 0),
    waiting: sum(({ waiting }) => waiting),
    breaker: parts.map(({ breaker }) => breaker).reduce(worse, null),
    panic: parts.some(({ panic }) => panic),
    budgetLeft: sum(({ budgetLeft }) => budgetLeft),
    backends: pool.backends.map((backend) => mergeBackend(backend, parts)),
  };
}

/** Each worker learns latencies by itself: the highest is told. */
function mergeBackend(backend: BackendStatus, parts: readonly PoolGauges[]): BackendStatus {
  const known = parts.flatMap(({ backends }) => backends.get(backend.id) ?? []);
  const latencies = known.flatMap(({ latency }) => latency ?? []);
  return {
    ...backend,
    active: known.reduce((total, { active }) => total + active, 0),
    latency: latencies.length === 0 ? null : Math.max(...latencies),
  };
}

const BADNESS: readonly Breaker[] = [null, "closed", "half-open", "open"];

/** Each worker has a breaker of its own: the worst is told. */
function worse(a: Breaker, b: Breaker): Breaker {
  return BADNESS.indexOf(a) > BADNESS.indexOf(b) ? a : b;
}
