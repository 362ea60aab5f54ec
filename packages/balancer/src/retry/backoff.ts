/** The least wait before a retry that has to wait, ms. */
const BASE = 25;
/** The most, ms. */
const CEILING = 250;

/**
 * Wait before the `nth` retry (from 1), ms: drawn evenly from 25 to min(250, 25 × 2^n). Source: Envoy's retry back-off
 * (25 ms doubling to 250 ms, full jitter), with its base as the floor.
 */
export function backoff(nth: number, random: () => number): number {
  const ceiling = Math.min(CEILING, BASE * 2 ** nth);
  return BASE + random() * (ceiling - BASE);
}
