import type { Backend } from "./backend.ts";

/**
 * Why this backend: `policy` the policy's pick; `sticky` its session is pinned there; `overflow` the session's backend
 * is full, so another serves this once; `spill-over` a level before it was short, tried or full; `again` every usable
 * one was tried; `panic` too few are usable, so all are used.
 */
export type ChosenReason = "policy" | "sticky" | "overflow" | "spill-over" | "again" | "panic";

/**
 * Why none: `empty` the pool has no backend; `pending` the first checks are not in yet, so waiting may help;
 * `unavailable` all are unreachable, ejected or draining; `limits` those that are usable are at their limits.
 */
export type NoneReason = "empty" | "pending" | "unavailable" | "limits";

export type Choice =
  | { readonly kind: "chosen"; readonly backend: Backend; readonly reason: ChosenReason }
  | { readonly kind: "none"; readonly reason: NoneReason };

const NONE: Readonly<Record<NoneReason, Choice>> = {
  empty: { kind: "none", reason: "empty" },
  pending: { kind: "none", reason: "pending" },
  unavailable: { kind: "none", reason: "unavailable" },
  limits: { kind: "none", reason: "limits" },
};

export function none(reason: NoneReason): Choice {
  return NONE[reason];
}

export function chosen(backend: Backend, reason: ChosenReason): Choice {
  return { kind: "chosen", backend, reason };
}

/** Which kind of none it is when a pool has no usable backend. */
export function noneUsable(backends: readonly Backend[]): Choice {
  if (backends.length === 0) return NONE.empty;
  return backends.some(({ pending, draining }) => pending && !draining) ? NONE.pending : NONE.unavailable;
}
