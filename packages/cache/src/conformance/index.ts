import { HOLDING } from "./holding.ts";
import { PURGING } from "./purging.ts";
import type { StoreRule } from "./rule.ts";

export type { StoreRule, StoreUnderTest } from "./rule.ts";
export { FRESH, NOW, sampleEntry, sampleKey, samplePart, sampleVariant, USEFUL } from "./sample.ts";

/**
 * What every `CacheStore` does. Run it with any test runner: `for (const { name, check } of STORE_RULES) test(name, () =>
 * check(makeStore))`.
 */
export const STORE_RULES: readonly StoreRule[] = [...HOLDING, ...PURGING];
