import type { BackendStatus, PoolStatus } from "./control-plane.ts";
import type { ManagedPool } from "./managed-pool.ts";
import type { PoolRuleBook } from "./pool-rules.ts";

/** A pool as people see it. */
export function poolStatus(
  { name, balancer, rules }: Pick<ManagedPool, "name" | "balancer" | "rules">,
  { policy, limit }: Pick<PoolRuleBook, "policy" | "limit">,
  backends: readonly BackendStatus[],
): PoolStatus {
  const { gate } = rules;
  return {
    name,
    balancing: policy,
    active: balancer.active,
    limit,
    waiting: gate?.waiting ?? 0,
    breaker: gate?.breaker ?? null,
    panic: balancer.panic,
    backends,
  };
}
