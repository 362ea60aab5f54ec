/** Failures in a row, of two kinds: any 5xx answer, and faults of the kind that a gateway tells of. */
export interface Streaks {
  faults: number;
  fives: number;
}

/** The length at which each streak is too long; null where it does not count. */
export interface StreakLimits {
  readonly consecutiveFaults: number | null;
  readonly consecutive5xx: number | null;
}

/**
 * Adds an attempt's end (`status` null: there was no answer) and says which streak is now too long. Faults are no answer,
 * 502, 503 and 504; those count as 5xx too, and a 500 ends a streak of faults.
 * Source: Envoy's consecutive gateway failure and consecutive 5xx detectors.
 */
export function addToStreaks(
  streaks: Streaks,
  status: number | null,
  { consecutiveFaults, consecutive5xx }: StreakLimits,
): "consecutive-faults" | "consecutive-5xx" | null {
  const fault = status === null || (status >= 502 && status <= 504);
  streaks.faults = fault ? streaks.faults + 1 : 0;
  streaks.fives = fault || status >= 500 ? streaks.fives + 1 : 0;
  if (consecutiveFaults !== null && streaks.faults >= consecutiveFaults) return "consecutive-faults";
  return consecutive5xx !== null && streaks.fives >= consecutive5xx ? "consecutive-5xx" : null;
}
