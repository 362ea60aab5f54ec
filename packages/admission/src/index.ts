export {
  type AddressDecision,
  type AddressRules,
  type AddressRuleTexts,
  createAddressRules,
  createTrust,
} from "./address-rules.ts";
export {
  type ApiKey,
  createKeyRing,
  DEFAULT_API_KEY,
  type Identification,
  type KeyRing,
  MIN_KEY_LENGTH,
  type WeakKey,
  weakKeys,
} from "./api-keys.ts";
export { isCidr } from "./cidr.ts";
export { ConcurrencyLimiter } from "./concurrency.ts";
export { MemoryRateStore } from "./memory-rate-store.ts";
export { planRate, type RateDecision, type RatePolicy, type RateState, type RateStore } from "./rate.ts";
export { rateLimitField, rateLimitPolicyField, retryAfterField } from "./rate-fields.ts";
