export { Backend, type BackendId, type BackendOptions, isOpen } from "./backend.ts";
export type { Choice, ChosenReason, NoneReason } from "./choice.ts";
export type { BackendReport, SkipReason } from "./explain.ts";
export type { LevelOptions } from "./levels.ts";
export { RoundRobin } from "./policies/round-robin.ts";
export { WeightedRoundRobin } from "./policies/weighted-round-robin.ts";
export type { AttemptOutcome, ChooseContext, Policy } from "./policy.ts";
export { type Membership, Pool, type PoolOptions } from "./pool.ts";
export type { AttemptFailure, FailureKind } from "./retry/attempt-failure.ts";
export {
  type GiveUpReason,
  planRetry,
  RETRIED_BY_DEFAULT,
  type RetryInput,
  type RetryPlan,
  type RetryReason,
} from "./retry/plan-retry.ts";
export { RetryBudget, type RetryBudgetOptions } from "./retry/retry-budget.ts";
export type { SlowStart } from "./slow-start.ts";
export { planSticky, type StickyPlan } from "./sticky.ts";
