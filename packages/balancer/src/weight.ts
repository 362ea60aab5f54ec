import type { Backend } from "./backend.ts";
import { rampShare } from "./slow-start.ts";

/** What a backend counts for at `now`. */
export type Weigh = (backend: Backend, now: number) => number;

/** The configured weight, less while the backend ramps up. */
export function weightAt(backend: Backend, now: number): number {
  return backend.ramp === null ? backend.weight : backend.weight * rampShare(backend.ramp, now);
}
