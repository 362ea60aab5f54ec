export { parseRedisUrl, type RedisAddress } from "./address.ts";
export { FAILURE_KINDS, type FailureKind, RedisFailure } from "./failure.ts";
export type { RedisTls } from "./ioredis.ts";
export { openSharedTier } from "./open-shared-tier.ts";
export type { Schedule } from "./port.ts";
export type { SharedTier, SharedTierOptions, SharedTierStatus } from "./shared-tier.ts";
