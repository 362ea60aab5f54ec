import { type Backend, type BackendId, isOpen } from "../backend.ts";

/** The first open candidate from index `start` on, wrapping round; undefined when none is open. */
export function firstOpenFrom(
  candidates: readonly Backend[],
  start: number,
  tried: readonly BackendId[] | null,
): Backend | undefined {
  for (let step = 0; step < candidates.length; step++) {
    const backend = candidates[(start + step) % candidates.length];
    if (backend !== undefined && isOpen(backend, tried)) return backend;
  }
  return undefined;
}

/** A random index below `length`. */
export function drawIndex(length: number, random: () => number): number {
  return Math.floor(random() * length);
}
