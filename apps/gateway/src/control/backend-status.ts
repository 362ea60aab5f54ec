import type { Backend } from "@headgate/balancer";
import type { HealthSnapshot } from "@headgate/health";
import type { Clock } from "../clock.ts";
import type { BackendStatus } from "./control-plane.ts";

/** A backend as people see it; `health`, whose times are monotonic, is told in wall-clock time. */
export function backendStatus(
  pool: string,
  backend: Backend,
  origin: BackendStatus["origin"],
  health: HealthSnapshot,
  clock: Clock,
): BackendStatus {
  const offset = clock.now() - clock.tick();
  const { state, failures, lastHealthy, probes } = health;
  return {
    id: backend.id,
    url: backend.url,
    pool,
    state,
    draining: backend.draining,
    ejected: backend.ejected,
    failures,
    lastHealthy: lastHealthy === null ? null : Math.round(lastHealthy + offset),
    active: backend.active,
    weight: backend.weight,
    origin,
    probes: probes.map((probe) => ({ ...probe, at: Math.round(probe.at + offset), latency: roundMs(probe.latency) })),
  };
}

/** To a hundredth: more digits are noise. */
function roundMs(ms: number): number {
  return Math.round(ms * 100) / 100;
}
