const SMALLEST_MS = 0.05;
const PER_OCTAVE = 8;
const OCTAVES = 22;

/** Buckets from 50 µs to 3½ minutes, eight to a doubling, so that a value read back is off by 4.5 % at most. */
export const LATENCY_BUCKETS: number = PER_OCTAVE * OCTAVES + 1;

/** The bucket of a duration in milliseconds; what lies beyond the range falls into the first or the last. */
export function bucketOf(ms: number): number {
  if (!(ms > SMALLEST_MS)) return 0;
  return Math.min(LATENCY_BUCKETS - 1, Math.ceil(Math.log2(ms / SMALLEST_MS) * PER_OCTAVE));
}

/** The duration in milliseconds that stands for a bucket: its geometric middle. */
export function bucketMs(bucket: number): number {
  return SMALLEST_MS * 2 ** ((bucket - 0.5) / PER_OCTAVE);
}

/**
 * The nearest-rank quantile (0 < q ≤ 1) of what the buckets hold, in milliseconds; null where they hold nothing.
 */
export function quantileMs(counts: Uint32Array, q: number): number | null {
  let total = 0;
  for (const count of counts) total += count;
  const rank = Math.ceil(q * total);
  let seen = 0;
  for (const [bucket, count] of counts.entries()) {
    seen += count;
    if (count > 0 && seen >= rank) return bucketMs(bucket);
  }
  return null;
}
