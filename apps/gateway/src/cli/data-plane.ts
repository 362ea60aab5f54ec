import type { AdminParts } from "../admin/admin-server.ts";
import type { CacheAdmin } from "../admin/cache-admin.ts";
import type { WorkerStatus } from "../cluster/worker-status.ts";
import type { ConfigSnapshot } from "../config/snapshot.ts";
import type { TlsMaterial } from "../config/tls/material.ts";
import type { ControlPlane } from "../control/control-plane.ts";
import { GatewayControl } from "../control/gateway-control.ts";
import type { GatewayState } from "../control/gateway-state.ts";
import type { PoolEventSink } from "../control/pool-event.ts";
import type { PoolRegistry } from "../control/pool-registry.ts";
import type { ReloadTarget } from "../control/reload.ts";
import { shareThroughRedis } from "../control/shared-tier.ts";
import type { BoundAddress } from "../downstream/listeners.ts";
import type { LiveStats } from "../observability/live-stats.ts";
import { createMetrics, type Metrics } from "../observability/metrics.ts";
import { MirrorTallies } from "../observability/mirror-tallies.ts";
import { Runtime } from "../runtime.ts";
import { cacheHeap } from "./cache-heap.ts";
import type { GatewayParts } from "./gateway.ts";

/** What watches and steers, built before anything listens. */
export interface Plane {
  readonly state: GatewayState;
  readonly registry: PoolRegistry;
  /** Told of what happens to backends. */
  readonly poolEvents: PoolEventSink[];
  /** Signs the gateway's own cookies where the config names no secret. */
  readonly signing: () => string;
  readonly stats: LiveStats;
}

/** What carries requests and counts them, in one process or several, with the control plane that knows of it. */
export interface DataPlane extends ReloadTarget {
  readonly control: ControlPlane;
  readonly metrics: Metrics;
  readonly cache: CacheAdmin;
  readonly explain: AdminParts["explain"];
  /** The processes; none where this is the only one. */
  readonly workers: () => readonly WorkerStatus[];
  /** Opens the listeners; rejects with the system's error, or `UserError`. */
  start(config: ConfigSnapshot, tls: TlsMaterial): Promise<readonly BoundAddress[]>;
  /** Stops within `grace` ms; resolves to how many exchanges were broken off. */
  close(grace: number): Promise<number>;
}

/** The data plane in this process. */
export function createOwnDataPlane(parts: GatewayParts, plane: Plane, tls: TlsMaterial): DataPlane {
  const { loaded, time, newId, secret, version, logger, accessLog } = parts;
  const { registry, state, stats, signing } = plane;
  const { snapshot: config } = loaded;
  const control = new GatewayControl(registry, state);
  const cache = config.cache.entries === 0 ? null : () => runtime.cache.stats();
  const mirrored = new MirrorTallies();
  const metrics = createMetrics({ control, cache, traffic: () => runtime, mirrored, version });
  const runtime: Runtime = new Runtime({
    config,
    clock: time.clock,
    random: time.random,
    newId,
    ...{ secret, signing },
    mirrored,
    pools: registry,
    cacheHeap: cacheHeap(),
    share: shareThroughRedis({ config, tls: tls.redis, time, id: newId(), logger }),
    sinks: accessLog === null ? [metrics, stats] : [metrics, stats, accessLog],
    reporter: { bug: (err, context) => logger.error({ err, ...context }, "bug in headgate: please report it") },
  });
  return {
    ...{ control, metrics, cache: runtime.cache },
    explain: (question, pools) => runtime.explainer.explain(question, pools),
    workers: () => [],
    start: (first, { listeners }) => runtime.listen(first, listeners),
    listen: (next, listeners) => runtime.listen(next, listeners),
    apply: (next) => runtime.apply(next),
    close: (grace) => runtime.close(grace),
  };
}
