/** How much is allowed: `limit` units in each `window`, of which `burst` may come at once. */
export interface RatePolicy {
  /** Stands in the RateLimit fields; printable ASCII. */
  readonly name: string;
  readonly limit: number;
  /** ms. */
  readonly window: number;
  /** Default: `limit`. */
  readonly burst?: number | undefined;
}

/** The theoretical arrival time in ms: when all that was taken will have been paid back. It is all that is kept of a client. */
export type RateState = number;

export type RateDecision =
  | {
      readonly kind: "admit";
      readonly state: RateState;
      /** Whole units that could be taken at once now. */
      readonly remaining: number;
      /** ms until the full burst is there again. */
      readonly resetAfter: number;
    }
  | {
      readonly kind: "reject";
      readonly remaining: number;
      readonly resetAfter: number;
      /** ms until the same request would be admitted; Infinity where it costs more than a burst. */
      readonly retryAfter: number;
    };

/** ms; times since the epoch are exact to a few ten-thousandths, and that must not take the last unit of a burst away. */
const ROUNDING = 0.01;

/**
 * The generic cell rate algorithm (ITU-T I.371; as a limiter: Brandur Leach, "Rate Limiting, Cells, and GCRA"): a token bucket
 * in one number, without refilling. A rejected request takes nothing.
 * @param state undefined for a client that was not seen, or not for a window
 * @param cost units; default 1
 */
export function planRate(state: RateState | undefined, now: number, policy: RatePolicy, cost = 1): RateDecision {
  const interval = policy.window / policy.limit;
  const tolerance = interval * (policy.burst ?? policy.limit);
  const debt = Math.max(0, (state ?? now) - now);
  const newDebt = debt + cost * interval;
  if (newDebt > tolerance + ROUNDING) {
    const retryAfter = cost * interval > tolerance + ROUNDING ? Number.POSITIVE_INFINITY : newDebt - tolerance;
    return { kind: "reject", remaining: unitsLeft(tolerance - debt, interval), resetAfter: debt, retryAfter };
  }
  return {
    kind: "admit",
    state: now + newDebt,
    remaining: unitsLeft(tolerance - newDebt, interval),
    resetAfter: newDebt,
  };
}

function unitsLeft(room: number, interval: number): number {
  return Math.max(0, Math.floor((room + ROUNDING) / interval));
}

/** Where states live: in memory, or shared. One call reads, decides and writes, so that a shared store can do it atomically. */
export interface RateStore {
  take(key: string, now: number, policy: RatePolicy, cost?: number): RateDecision | Promise<RateDecision>;
}
