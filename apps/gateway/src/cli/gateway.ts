import { createAdminServer } from "../admin/admin-server.ts";
import type { LoadedConfig, LoadOptions } from "../config/load.ts";
import { loadTlsMaterial, type TlsMaterial } from "../config/tls/material.ts";
import { type ConfigChange, watchConfig } from "../config/watch.ts";
import { askAgent } from "../control/agent.ts";
import type { ControlPlane } from "../control/control-plane.ts";
import type { ControlTime } from "../control/control-time.ts";
import { discoveryLog } from "../control/discovery/discovery-event.ts";
import { createDnsClient } from "../control/discovery/dns-client.ts";
import { followFile } from "../control/discovery/follow-file.ts";
import type { GatewayState } from "../control/gateway-state.ts";
import { listenError, listenerPlaces } from "../control/listen-error.ts";
import { poolLog } from "../control/pool-log.ts";
import { PoolRegistry } from "../control/pool-registry.ts";
import { createProber } from "../control/probe.ts";
import { Reload } from "../control/reload.ts";
import { keptSecret } from "../control/session-secret.ts";
import { shutDown } from "../control/shutdown.ts";
import type { BoundAddress } from "../downstream/listeners.ts";
import type { ExchangeSink } from "../observability/exchange-record.ts";
import { type LiveSnapshot, LiveStats } from "../observability/live-stats.ts";
import type { LogDestination, Logger } from "../observability/log.ts";
import { BackendConnections } from "../upstream/send-pass.ts";
import type { DataPlane, Plane } from "./data-plane.ts";
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
  /** Where the lines of other processes go. */
  readonly destination: LogDestination;
  readonly debug: boolean;
  /** Makes what carries the requests, in this process or in others. */
  readonly createDataPlane: (parts: GatewayParts, plane: Plane, tls: TlsMaterial) => DataPlane;
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

/**
 * Composition: builds the control plane and the data plane and opens every listener, or throws `UserError` with nothing
 * left open.
 */
export async function openGateway(parts: GatewayParts): Promise<Gateway> {
  const config = parts.loaded.snapshot;
  const { clock } = parts.time;
  const tls = await loadTlsMaterial(config, clock.now());
  const plane = createPlane(parts, tls);
  const data = parts.createDataPlane(parts, plane, tls);
  try {
    const bound = await data.start(config, tls).catch((error: unknown) => {
      throw listenError(error, listenerPlaces(config));
    });
    const admin = await openAdminOf(parts, plane, data);
    return run(parts, plane, data, { bound, admin, tls });
  } catch (error) {
    await Promise.all([data.close(0), plane.registry.close()]);
    throw error;
  }
}

function createPlane({ loaded, time, logger }: GatewayParts, tls: TlsMaterial): Plane {
  const config = loaded.snapshot;
  const state: GatewayState = { phase: "starting", config, reloadError: null };
  const poolEvents = [poolLog(logger)];
  const signing = keptSecret(config.stateDir, (text) => logger.warn(text));
  const registry = new PoolRegistry({
    time,
    probe: createProber(time.clock.tick),
    askAgent,
    connect: (id, url, options) => new BackendConnections(id, url, options),
    onEvent: (event) => {
      for (const sink of poolEvents) sink(event);
    },
    secret: signing,
    discovery: { dnsClient: createDnsClient, followFile, onEvent: discoveryLog(logger) },
  });
  registry.apply(config, tls.pools);
  return { state, registry, poolEvents, signing, stats: new LiveStats(time.clock.tick()) };
}

async function openAdminOf(
  { loaded, time, logger }: GatewayParts,
  { stats }: Plane,
  { control, metrics, cache: dataCache, explain, workers }: DataPlane,
): Promise<OpenAdmin | null> {
  const { admin, cache: settings } = loaded.snapshot;
  if (admin === false) return null;
  const live = (): LiveSnapshot => stats.snapshot(time.clock.tick());
  const cache = settings.entries === 0 ? null : dataCache;
  const server = createAdminServer({ control, metrics, live, logger, cache, explain, workers, host: admin.host });
  return openAdmin(server, admin);
}

interface Opened {
  readonly bound: readonly BoundAddress[];
  readonly admin: OpenAdmin | null;
  readonly tls: TlsMaterial;
}

function run(parts: GatewayParts, plane: Plane, data: DataPlane, { bound, admin, tls }: Opened): Gateway {
  const { loaded, load, time, logger } = parts;
  const { clock } = time;
  const { state, registry, stats } = plane;
  const loadTls = (config: LoadedConfig["snapshot"]): Promise<TlsMaterial> => loadTlsMaterial(config, clock.now());
  const started = { tls, warnings: loaded.warnings };
  const reload = new Reload({ state, pools: registry, target: data, loadTls, logger }, started);
  const onChange = (change: ConfigChange): Promise<void> => reload.follow(change);
  const watch = loaded.file === undefined ? null : watchConfig({ initial: loaded, load, onChange });
  const closers = {
    closeWatch: async () => watch?.close(),
    closeRuntime: (grace: number) => data.close(grace),
    closePools: () => registry.close(),
    closeAdmin: async () => admin?.close(),
  };
  state.phase = "running";
  return {
    bound,
    adminUrl: admin?.url ?? null,
    control: data.control,
    live: () => stats.snapshot(clock.tick()),
    stop: (reason) => shutDown({ state, clock, logger, ...closers }, reason),
  };
}
