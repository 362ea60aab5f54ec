import { type AdminParts, createAdminServer } from "../admin/admin-server.ts";
import type { LoadedConfig, LoadOptions } from "../config/load.ts";
import { loadTlsMaterial, type TlsMaterial } from "../config/tls/material.ts";
import { type ConfigChange, watchConfig } from "../config/watch.ts";
import { askAgent } from "../control/agent.ts";
import type { ControlPlane } from "../control/control-plane.ts";
import type { ControlTime } from "../control/control-time.ts";
import { discoveryLog } from "../control/discovery/discovery-event.ts";
import { createDnsClient } from "../control/discovery/dns-client.ts";
import { followFile } from "../control/discovery/follow-file.ts";
import { GatewayControl } from "../control/gateway-control.ts";
import type { GatewayState } from "../control/gateway-state.ts";
import { listenError, listenerPlaces } from "../control/listen-error.ts";
import { poolLog } from "../control/pool-log.ts";
import { PoolRegistry } from "../control/pool-registry.ts";
import { createProber } from "../control/probe.ts";
import { Reload } from "../control/reload.ts";
import { keptSecret } from "../control/session-secret.ts";
import { shareThroughRedis } from "../control/shared-tier.ts";
import { shutDown } from "../control/shutdown.ts";
import type { BoundAddress } from "../downstream/listeners.ts";
import type { ExchangeSink } from "../observability/exchange-record.ts";
import { type LiveSnapshot, LiveStats } from "../observability/live-stats.ts";
import type { Logger } from "../observability/log.ts";
import { createMetrics, type Metrics } from "../observability/metrics.ts";
import { MirrorTallies } from "../observability/mirror-tallies.ts";
import { Runtime } from "../runtime.ts";
import { BackendConnections } from "../upstream/send-pass.ts";
import { type OpenAdmin, openAdmin } from "./open-admin.ts";

/** What a gateway is made from; everything of the process comes from here. */
export interface GatewayParts {
  readonly loaded: LoadedConfig;
  /** How it was loaded, and is again when the file changes. */
  readonly load: LoadOptions;
  readonly time: ControlTime;
  /** A new request id. */
  readonly newId: () => string;
  /** Random text of this process. */
  readonly secret: string;
  readonly version: string;
  readonly logger: Logger;
  /** Takes every exchange; null for none. */
  readonly accessLog: ExchangeSink | null;
}

/** A gateway that accepts connections. */
export interface Gateway {
  readonly bound: readonly BoundAddress[];
  /** Null where the config turns the admin listener off. */
  readonly adminUrl: string | null;
  readonly control: ControlPlane;
  readonly live: () => LiveSnapshot;
  /** Stops in order, once. */
  stop(reason: string): Promise<void>;
}

/** What watches and steers, built before anything listens. */
interface Plane {
  /** Signs the gateway's own cookies where the config names no secret. */
  readonly signing: () => string;
  readonly state: GatewayState;
  readonly registry: PoolRegistry;
  readonly control: ControlPlane;
  readonly stats: LiveStats;
}

/** What carries requests, and counts them. */
interface DataPlane {
  readonly runtime: Runtime;
  readonly metrics: Metrics;
}

/**
 * Composition: builds the control plane and the data plane and opens every listener, or throws `UserError` with nothing
 * left open.
 */
export async function openGateway(parts: GatewayParts): Promise<Gateway> {
  const config = parts.loaded.snapshot;
  const { clock } = parts.time;
  const tls = await loadTlsMaterial(config, clock.now());
  const plane = createPlane(parts, tls);
  const { runtime, metrics } = createDataPlane(parts, plane, tls);
  try {
    const bound = await runtime.listen(config, tls.listeners).catch((error: unknown) => {
      throw listenError(error, listenerPlaces(config));
    });
    const admin = await openAdminOf(parts, plane, { runtime, metrics });
    return run(parts, plane, runtime, { bound, admin, tls });
  } catch (error) {
    await Promise.all([runtime.close(0), plane.registry.close()]);
    throw error;
  }
}

function createPlane({ loaded, time, logger }: GatewayParts, tls: TlsMaterial): Plane {
  const config = loaded.snapshot;
  const state: GatewayState = { phase: "starting", config, reloadError: null };
  const signing = keptSecret(config.stateDir, (text) => logger.warn(text));
  const registry = new PoolRegistry({
    time,
    probe: createProber(time.clock.tick),
    askAgent,
    connect: (id, url, options) => new BackendConnections(id, url, options),
    onEvent: poolLog(logger),
    secret: signing,
    discovery: { dnsClient: createDnsClient, followFile, onEvent: discoveryLog(logger) },
  });
  registry.apply(config, tls.pools);
  const control = new GatewayControl(registry, state);
  return { signing, state, registry, control, stats: new LiveStats(time.clock.tick()) };
}

function createDataPlane(
  parts: GatewayParts,
  { signing, control, registry, stats }: Plane,
  tls: TlsMaterial,
): DataPlane {
  const { loaded, time, newId, secret, version, logger, accessLog } = parts;
  const { snapshot: config } = loaded;
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
    share: shareThroughRedis({ config, tls: tls.redis, time, id: newId(), logger }),
    sinks: accessLog === null ? [metrics, stats] : [metrics, stats, accessLog],
    reporter: { bug: (err, context) => logger.error({ err, ...context }, "bug in headgate: please report it") },
  });
  return { runtime, metrics };
}

async function openAdminOf(
  { loaded, time, logger }: GatewayParts,
  { control, stats }: Plane,
  { runtime, metrics }: DataPlane,
): Promise<OpenAdmin | null> {
  const { admin, cache: settings } = loaded.snapshot;
  if (admin === false) return null;
  const live = (): LiveSnapshot => stats.snapshot(time.clock.tick());
  const cache = settings.entries === 0 ? null : runtime.cache;
  const explain: AdminParts["explain"] = (question, pools) => runtime.explainer.explain(question, pools);
  const server = createAdminServer({ control, metrics, live, logger, cache, explain, host: admin.host });
  return openAdmin(server, admin);
}

interface Opened {
  readonly bound: readonly BoundAddress[];
  readonly admin: OpenAdmin | null;
  readonly tls: TlsMaterial;
}

function run(parts: GatewayParts, plane: Plane, runtime: Runtime, { bound, admin, tls }: Opened): Gateway {
  const { loaded, load, time, logger } = parts;
  const { clock } = time;
  const { state, registry, control, stats } = plane;
  const loadTls = (config: LoadedConfig["snapshot"]): Promise<TlsMaterial> => loadTlsMaterial(config, clock.now());
  const started = { tls, warnings: loaded.warnings };
  const reload = new Reload({ state, pools: registry, target: runtime, loadTls, logger }, started);
  const onChange = (change: ConfigChange): Promise<void> => reload.follow(change);
  const watch = loaded.file === undefined ? null : watchConfig({ initial: loaded, load, onChange });
  const closers = {
    closeWatch: async () => watch?.close(),
    closeRuntime: (grace: number) => runtime.close(grace),
    closePools: () => registry.close(),
    closeAdmin: async () => admin?.close(),
  };
  state.phase = "running";
  return {
    bound,
    adminUrl: admin?.url ?? null,
    control,
    live: () => stats.snapshot(clock.tick()),
    stop: (reason) => shutDown({ state, clock, logger, ...closers }, reason),
  };
}
