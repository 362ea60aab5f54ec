export { Backend, type BackendId, type BackendOptions, isOpen } from "./backend.ts";
export type { Choice, ChosenReason, NoneReason } from "./choice.ts";
export {
  type ConsistentHashSpec,
  createPolicy,
  PLAIN_POLICIES,
  type PlainPolicyName,
  type PolicySpec,
} from "./create-policy.ts";
export type { BackendReport, SkipReason } from "./explain.ts";
export type { LevelOptions } from "./levels.ts";
export type { LoadReport, ReportedLoad } from "./load/load-report.ts";
export { type AgentReport, parseAgentLine } from "./load/parse-agent.ts";
export { parseLoadBody, parseLoadField } from "./load/parse-load.ts";
export { AimdLimit, type AimdOptions } from "./overload/aimd-limit.ts";
export { type Admission, type BreakerOptions, CircuitBreaker, type Refusal } from "./overload/circuit-breaker.ts";
export type { ConcurrencyLimit, LimitSample } from "./overload/concurrency-limit.ts";
export { GradientLimit, type GradientOptions } from "./overload/gradient-limit.ts";
export { type QueueResult, WaitQueue, type WaitQueueOptions } from "./overload/wait-queue.ts";
export { RoundRobin } from "./policies/round-robin.ts";
export type { AttemptOutcome, ChooseContext, Policy } from "./policy.ts";
export { type Membership, Pool, type PoolOptions } from "./pool.ts";
export type { Preview } from "./preview.ts";
export type { AttemptFailure, FailureKind } from "./retry/attempt-failure.ts";
export { type AttemptTimeout, type AttemptTimes, attemptTimeout } from "./retry/attempt-timeout.ts";
export { LatencyQuantile } from "./retry/latency-quantile.ts";
export { type HedgeInput, type HedgePlan, planHedge } from "./retry/plan-hedge.ts";
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
export { planSplit, type SplitAsked, type SplitPlan, type SplitSide } from "./split.ts";
export { planSticky, type StickyPlan } from "./sticky.ts";
export { readCookie, type StickyCookie, setStickyCookie } from "./sticky-cookie.ts";
export { StickyTokens } from "./sticky-tokens.ts";
export type { Subset } from "./subset.ts";
export { weightAt } from "./weight.ts";
