/** What the end of one attempt tells an adaptive limit. */
export interface LimitSample {
  /** ms. */
  readonly latency: number;
  /** Attempts in flight when it ended, itself included. */
  readonly active: number;
  /** It timed out, was refused for overload, or broke off: a sign of too much. */
  readonly dropped: boolean;
  /** When it ended, ms. */
  readonly now: number;
}

/** How many attempts a pool may have in flight. */
export interface ConcurrencyLimit {
  readonly limit: number;
  /** Lets an adaptive limit learn; a fixed one has none. */
  sample?(sample: LimitSample): void;
}

export interface LimitBounds {
  /** The limit to begin with. Default 20. */
  readonly initial?: number;
  /** Default 4. */
  readonly min?: number;
  /** Default 1024, Envoy's fixed limit. */
  readonly max?: number;
}

/** `value` within the bounds. */
export function within({ min = 4, max = 1024 }: LimitBounds, value: number): number {
  return Math.min(max, Math.max(min, value));
}
