import type { BackendStatus, PoolStatus } from "../control/control-plane.ts";
import { type LiveSnapshot, liveBackend } from "../observability/live-stats.ts";

function iso(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}

/** A backend as the API tells it: its status, what it did lately, and each time in ISO 8601 beside the milliseconds. */
export function backendView(backend: BackendStatus, live: LiveSnapshot): object {
  const { drainUntil, leaseUntil, ejection } = backend;
  const { perSecond, p99 } = liveBackend(live, backend.pool, backend.id);
  return {
    ...backend,
    lastHealthyAt: iso(backend.lastHealthy),
    drainUntilAt: iso(drainUntil),
    leaseUntilAt: iso(leaseUntil),
    ejection: ejection === null ? null : { ...ejection, untilAt: iso(ejection.until) },
    perSecond,
    p99,
    probes: backend.probes.map((probe) => ({ ...probe, time: iso(probe.at) })),
  };
}

/** A pool with its backends. */
export function poolView({ backends, ...pool }: PoolStatus, live: LiveSnapshot): object {
  return { ...pool, backends: backends.map((backend) => backendView(backend, live)) };
}
