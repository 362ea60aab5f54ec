import type { RefreshOutcome } from "../caching/refresh-tally.ts";
import type { SharedCacheStatus } from "../caching/shared-cache.ts";
import type { WorkerStatus } from "../cluster/worker-status.ts";
import type { ControlPlane } from "../control/control-plane.ts";
import { registerBackendMetrics } from "./backend-metrics.ts";
import { registerDiscoveryMetrics } from "./discovery-metrics.ts";
import type { MirrorTallies } from "./mirror-tallies.ts";
import { registerPoolMetrics } from "./pool-metrics.ts";
import type { ScrapeRegistry } from "./prometheus.ts";
import { registerSharedCacheMetrics } from "./shared-cache-metrics.ts";
import { registerWorkerMetrics } from "./worker-metrics.ts";

/** What the cache's gauges are read from. */
export interface CacheGauges {
  readonly entries: number;
  readonly bytes: number;
  readonly evictions: number;
  readonly filling: number;
  readonly fillingBytes: number;
  /** Validations in the background, by how they ended. */
  readonly refreshes: Readonly<Record<RefreshOutcome, number>>;
  /** What is shared with other gateways; null where nothing is. */
  readonly redis: SharedCacheStatus | null;
}

/** What is under way at the clients' side. */
export interface TrafficGauges {
  readonly inFlight: number;
  readonly connections: number;
}

/** Where the metrics that are not counted from exchanges come from, asked at scrape time. */
export interface MetricsSources {
  readonly control: Pick<ControlPlane, "pools" | "readiness" | "reloadError">;
  /** Null where there is no cache. */
  readonly cache: (() => CacheGauges) | null;
  readonly traffic: () => TrafficGauges;
  readonly mirrored: MirrorTallies;
  readonly version: string;
  /** The processes that carry the exchanges, where these are others than this one. */
  readonly workers?: () => readonly WorkerStatus[];
}

function gatewayMetrics(
  registry: ScrapeRegistry,
  { control, cache, traffic, mirrored, version }: MetricsSources,
): void {
  const single = (name: string, help: string, read: () => number): void =>
    registry.gauge({ name: `headgate_${name}`, help, labels: [] }, () => [[{}, read()]]);

  single("ready", "1 while the gateway wants traffic.", () => Number(control.readiness().ready));
  single("config_reload_ok", "0 while the config file is wrong and the one before still runs.", () =>
    Number(control.reloadError() === null),
  );
  single("exchanges_active", "Requests in flight.", () => traffic().inFlight);
  single("connections_active", "Open client connections.", () => traffic().connections);
  registry.gauge({ name: "headgate_build_info", help: "The gateway's version.", labels: ["version"] }, () => [
    [{ version }, 1],
  ]);
  registry.counter(
    {
      name: "headgate_mirrored_total",
      help: "Copies of requests for pools that only watch, by how they ended or why there was none.",
      labels: ["pool", "outcome"],
    },
    function* () {
      for (const [pool, outcome, count] of mirrored) yield [{ pool, outcome }, count];
    },
  );
  if (cache === null) return;
  single("cache_entries", "Responses in the cache.", () => cache().entries);
  single("cache_bytes", "Memory that the cache's entries take.", () => cache().bytes);
  single("cache_fills_active", "Responses that are being fetched to be stored.", () => cache().filling);
  single("cache_fill_bytes", "Memory that their bodies take.", () => cache().fillingBytes);
  registry.counter(
    { name: "headgate_cache_evictions_total", help: "Entries that made room for others.", labels: [] },
    () => [[{}, cache().evictions]],
  );
  registry.counter(
    {
      name: "headgate_cache_background_revalidations_total",
      help: "Stale entries that were validated in the background, by how that ended.",
      labels: ["outcome"],
    },
    function* () {
      for (const [outcome, count] of Object.entries(cache().refreshes)) yield [{ outcome }, count];
    },
  );
  registerSharedCacheMetrics(registry, () => cache().redis);
}

/** The gauges that show how the gateway, its backends and its cache stand when they are scraped. */
export function registerStateMetrics(registry: ScrapeRegistry, sources: MetricsSources): void {
  registerPoolMetrics(registry, sources.control);
  registerDiscoveryMetrics(registry, sources.control);
  registerBackendMetrics(registry, sources.control);
  gatewayMetrics(registry, sources);
  if (sources.workers !== undefined) registerWorkerMetrics(registry, sources.workers);
}
