import type { Backend, BackendId, LoadReport } from "@headgate/balancer";
import type { ManagedPool } from "../control/managed-pool.ts";
import type { Member } from "../control/members.ts";

/** What the control plane knows of a backend, as far as a choice depends on it. */
export interface BackendState {
  readonly id: BackendId;
  readonly available: boolean;
  /** Not checked yet. */
  readonly pending: boolean;
  readonly ejected: boolean;
  readonly draining: boolean;
  /** Wall-clock ms; null while it does not drain. */
  readonly drainUntil: number | null;
  /** What it last told of its load, and when by the primary's monotonic clock: a later one is news. */
  readonly load: { readonly report: LoadReport; readonly at: number } | null;
}

/** How a pool stands, or what of that has changed. */
export interface PoolState {
  readonly name: string;
  /** Every backend's first check is in. */
  readonly settled: boolean;
  /** The pool is new, and first checks are still coming in. */
  readonly gathering: boolean;
  /** Who belongs to it; null where that is as before. */
  readonly members: readonly Member[] | null;
  /** Those that have changed. */
  readonly backends: readonly BackendState[];
}

/** How a backend stands now. */
export function backendState(pool: ManagedPool, backend: Backend): BackendState {
  const { id, available, pending, ejected, draining, load } = backend;
  return {
    ...{ id, available, pending, ejected, draining },
    drainUntil: draining ? pool.statusOf(backend).drainUntil : null,
    load: load === null ? null : { report: load.report, at: load.at },
  };
}

/** Whether nothing has changed since `known`. */
export function isAsKnown(backend: Backend, known: BackendState, drainUntil: number | null): boolean {
  return (
    backend.available === known.available &&
    backend.pending === known.pending &&
    backend.ejected === known.ejected &&
    backend.draining === known.draining &&
    isSameTime(drainUntil, known.drainUntil) &&
    (backend.load?.at ?? null) === (known.load?.at ?? null)
  );
}

/** The wall clock and the monotonic one drift: a drain's end is told anew only where it was set anew. */
const DRIFT = 500;

export function isSameTime(a: number | null, b: number | null): boolean {
  return a === null || b === null ? a === b : Math.abs(a - b) < DRIFT;
}
