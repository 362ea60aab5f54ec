/** How a backend that returns or joins comes back to its full weight. */
export interface SlowStart {
  /** Length of the ramp, ms. */
  readonly window: number;
  /** 1 is linear; above it the ramp rises faster at first. Default 1. */
  readonly aggression?: number;
  /** The share of its weight it starts with, 0.01 to 1. Default 0.1. */
  readonly floor?: number;
}

/** One backend's ramp under way. */
export interface Ramp {
  readonly from: number;
  readonly window: number;
  readonly exponent: number;
  readonly floor: number;
}

export function startRamp(options: SlowStart, now: number): Ramp {
  const { window, aggression = 1, floor = 0.1 } = options;
  return { from: now, window, exponent: 1 / aggression, floor: Math.max(0.01, floor) };
}

/**
 * The share of its weight a backend has at `now`: max(floor, (t / window)^(1 / aggression)), and 1 after the window.
 * Source: Envoy `SlowStartConfig`.
 */
export function rampShare(ramp: Ramp, now: number): number {
  const elapsed = now - ramp.from;
  if (elapsed >= ramp.window) return 1;
  return Math.max(ramp.floor, (Math.max(0, elapsed) / ramp.window) ** ramp.exponent);
}
