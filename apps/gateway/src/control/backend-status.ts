import { type Backend, weightAt } from "@headgate/balancer";
import type { Ejection, HealthSnapshot } from "@headgate/health";
import type { Clock } from "../clock.ts";
import type { BackendStatus, EjectionStatus } from "./control-plane.ts";

/** What is known of a backend beside the balancer; times are monotonic ms. */
export interface BackendFacts {
  readonly origin: BackendStatus["origin"];
  readonly health: HealthSnapshot;
  readonly ejection: Ejection | null;
  readonly drainUntil: number | null;
  readonly leaseUntil: number | null;
}

/** A backend as people see it, with its times told in wall-clock time. */
export function backendStatus(
  pool: string,
  backend: Backend,
  { origin, health, ejection, drainUntil, leaseUntil }: BackendFacts,
  clock: Clock,
): BackendStatus {
  const offset = clock.now() - clock.tick();
  const wall = (tick: number): number => Math.round(tick + offset);
  const { state, failures, lastHealthy, probes } = health;
  return {
    id: backend.id,
    url: backend.url,
    pool,
    state,
    draining: backend.draining,
    drainUntil: drainUntil === null ? null : wall(drainUntil),
    ejected: backend.ejected,
    ejection: ejection === null ? null : told(ejection, wall),
    failures,
    lastHealthy: lastHealthy === null ? null : wall(lastHealthy),
    active: backend.active,
    weight: backend.weight,
    effectiveWeight: weightAt(backend, clock.tick()),
    latency: roundMs(backend.latency.at(clock.tick())) || null,
    priority: backend.priority,
    zone: backend.zone ?? null,
    load: backend.load?.report ?? null,
    origin,
    leaseUntil: leaseUntil === null ? null : wall(leaseUntil),
    probes: probes.map((probe) => ({ ...probe, at: wall(probe.at), latency: roundMs(probe.latency) })),
  };
}

function told({ reason, at, until, times }: Ejection, wall: (tick: number) => number): EjectionStatus {
  return { reason, at: wall(at), until: wall(until), times };
}

/** To a hundredth: more digits are noise. */
function roundMs(ms: number): number {
  return Math.round(ms * 100) / 100;
}
