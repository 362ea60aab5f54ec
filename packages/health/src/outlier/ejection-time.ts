export interface EjectionTimes {
  /** How long the first ejection lasts, ms. */
  readonly ejection: number;
  /** The longest, ms. */
  readonly longest: number;
}

/**
 * How long the `times`th ejection lasts, ms: `ejection` × `times` up to the longest. Each interval without one takes one
 * off `times`. Source: Envoy `base_ejection_time` and `max_ejection_time`.
 */
export function ejectionTime(times: number, { ejection, longest }: EjectionTimes): number {
  return Math.min(ejection * times, Math.max(ejection, longest));
}
