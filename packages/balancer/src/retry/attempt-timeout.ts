export interface AttemptTimes {
  /** The longest wait for a response head, ms. */
  readonly head: number;
  /** The longest one attempt may take to its head, ms. Default none. */
  readonly perTry?: number | undefined;
  /** When the whole exchange must be over, ms on the clock of `now`. Default none. */
  readonly deadline?: number | undefined;
}

/** Which time-out ends an attempt first, and after how long, ms; never below 0. */
export interface AttemptTimeout {
  readonly after: number;
  readonly kind: "head" | "per-try" | "total";
}

/** How long an attempt that begins at `now` may wait for its head. */
export function attemptTimeout({ head, perTry, deadline }: AttemptTimes, now: number): AttemptTimeout {
  const left = deadline === undefined ? Number.POSITIVE_INFINITY : Math.max(0, deadline - now);
  const most = perTry ?? Number.POSITIVE_INFINITY;
  if (left <= head && left <= most) return { after: left, kind: "total" };
  return most < head ? { after: most, kind: "per-try" } : { after: head, kind: "head" };
}
