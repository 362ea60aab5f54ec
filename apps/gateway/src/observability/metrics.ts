import { registerExchangeMetrics } from "./exchange-metrics.ts";
import type { ExchangeSink } from "./exchange-record.ts";
import { type CacheResult, ExchangeTallies } from "./exchange-tallies.ts";
import { ScrapeRegistry } from "./prometheus.ts";
import { type MetricsSources, registerStateMetrics } from "./state-metrics.ts";
import { addDelta, type TalliesDelta } from "./tallies-delta.ts";

/** Counts every exchange it is given, and prints all metrics in Prometheus' text format. */
export interface Metrics extends ExchangeSink {
  readonly contentType: string;
  metrics(): Promise<string>;
  /** Adds what another process has counted. */
  merge(delta: TalliesDelta): void;
  /** What the cache did and why, the most frequent first. */
  cacheResults(): readonly CacheResult[];
}

/** The counts of backends that have left their pool go with them. */
function forgetGone({ backends }: ExchangeTallies, control: MetricsSources["control"]): void {
  const pools = new Map(control.pools().map(({ name, backends }) => [name, new Set(backends.map(({ id }) => id))]));
  backends.retain((pool) => pools.has(pool));
  for (const [pool, tallies] of backends) tallies.retain((id) => pools.get(pool)?.has(id) ?? false);
}

/** All metrics of one gateway, in a registry of its own together with those of its process. */
export function createMetrics(sources: MetricsSources): Metrics {
  const tallies = new ExchangeTallies();
  const registry = new ScrapeRegistry();
  registerExchangeMetrics(registry, tallies);
  registerStateMetrics(registry, sources);
  return {
    contentType: registry.contentType,
    record: (exchange) => tallies.record(exchange),
    merge: (delta) => addDelta(tallies, delta),
    cacheResults: () => tallies.cacheResultList(),
    metrics: () => {
      forgetGone(tallies, sources.control);
      return registry.text();
    },
  };
}
