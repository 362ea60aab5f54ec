export {
  type CacheOutcome,
  cacheStatus,
  type ForwardReason,
  type XCache,
  xCache,
} from "./cache-status.ts";
export { type CollapsePlan, mayShare, planCollapse, type SharePlan } from "./collapse-plan.ts";
export { type CompletionDemand, type CompletionPlan, planCompletion, withCompletion } from "./completion.ts";
export { conditionsFor, withConditions } from "./conditions.ts";
export { type Demands, NO_DEMANDS, readDemands } from "./demands.ts";
export { EncodedBodies } from "./encoded-bodies.ts";
export { type EntryPlan, entryOf, finishEntry, joinBody, makeEntry } from "./entry.ts";
export type { ResponseInput } from "./entry-head.ts";
export { type HeadPlan, planHead } from "./head-plan.ts";
export { type Invalidated, type InvalidationPlan, planInvalidation } from "./invalidation.ts";
export { primaryKey, type Target, urlKey, urlKeys, urlOfKey } from "./key.ts";
export type { Lease, LeaseStore, LeaseTurn, LeaseWait } from "./lease-store.ts";
export { type LookupPlan, planLookup, type RevalidateReason } from "./lookup-plan.ts";
export { MemoryStore, type MemoryStoreOptions } from "./memory-store.ts";
export {
  type CachePolicy,
  type CachePolicyOptions,
  compilePolicy,
  type NameRule,
  type QueryKey,
  type SetCookiePolicy,
} from "./policy.ts";
export {
  expired,
  type PurgeMode,
  type PurgeTarget,
  purgeOfPrefix,
  purgesOfTags,
  purgesOfUrl,
} from "./purge.ts";
export type { RequestControl } from "./request-control.ts";
export { type BypassReason, planRequest, type RequestPlan } from "./request-plan.ts";
export { planRevalidated, type RevalidationPlan } from "./revalidation.ts";
export type { MissReason } from "./select.ts";
export { planServe, type ServePlan } from "./serve-plan.ts";
export { planStale, type StalePlan, type UpstreamFailure } from "./stale-plan.ts";
export type { PassReason } from "./storable.ts";
export { type CacheStore, type StoreStats, SWEEPS } from "./store.ts";
export { planStore, type StorePlan } from "./store-plan.ts";
export { type ForwardTold, tellBypass, tellForward, tellHit } from "./told.ts";
export type {
  CacheKey,
  CacheRequest,
  EntryHead,
  MaybePromise,
  StaleRule,
  StoredEntry,
  StoredPart,
  VaryTerm,
} from "./types.ts";
export { UnshareableKeys } from "./unshareable-keys.ts";
export { addVariant, removeVariant, replaceVariant } from "./variants.ts";
