import type { BackendStatus, PoolStatus } from "./control-plane.ts";
import type { ManagedPool } from "./managed-pool.ts";
import type { PoolRuleBook } from "./pool-rules.ts";

/** A pool as people see it. */
export function poolStatus(
  { name, balancer, rules, budget }: Pick<ManagedPool, "name" | "balancer" | "rules" | "budget">,
  {
    policy,
    parameters,
    sticky,
    subset,
    limit,
  }: Pick<PoolRuleBook, "policy" | "parameters" | "sticky" | "subset" | "limit">,
  backends: readonly BackendStatus[],
  discovery: PoolStatus["discovery"],
  tick: number,
): PoolStatus {
  const { gate } = rules;
  return {
    name,
    balancing: policy,
    ...{ parameters, sticky, subset },
    budgetLeft: budget.left(tick),
    active: balancer.active,
    limit,
    waiting: gate?.waiting ?? 0,
    breaker: gate?.breaker ?? null,
    panic: balancer.panic,
    discovery,
    backends,
  };
}
