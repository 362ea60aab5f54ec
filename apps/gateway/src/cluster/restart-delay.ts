/** A worker that lived so long has come up, ms: what ended it is no reason to wait. */
export const STEADY = 10_000;

/** Tries at the start of the gateway, after which a worker that ends each time is no accident. */
export const START_TRIES = 3;

const FIRST = 200;
const LONGEST = 30_000;

/**
 * How long to wait before a worker is replaced, ms: not at all the first time, then twice as long each time.
 * @param failures how often in a row it ended before it was steady, this time included
 */
export function restartDelay(failures: number): number {
  return failures <= 1 ? 0 : Math.min(LONGEST, FIRST * 2 ** (failures - 2));
}
