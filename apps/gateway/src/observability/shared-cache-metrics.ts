import type { SharedCacheStatus } from "../caching/shared-cache.ts";
import type { MetricSpec, Reader, ScrapeRegistry } from "./prometheus.ts";

/** The metrics of what is shared with other gateways through Redis; without series where nothing is. */
export function registerSharedCacheMetrics(registry: ScrapeRegistry, status: () => SharedCacheStatus | null): void {
  const spec = (name: string, help: string): MetricSpec<never> => ({
    ...{ name: `headgate_cache_redis_${name}`, help, labels: [] },
  });
  const one = (read: (status: SharedCacheStatus) => number): Reader<never> =>
    function* () {
      const now = status();
      if (now !== null) yield [{}, read(now)];
    };
  const gauge = (name: string, help: string, read: (status: SharedCacheStatus) => number): void =>
    registry.gauge(spec(name, help), one(read));
  const counter = (name: string, help: string, read: (status: SharedCacheStatus) => number): void =>
    registry.counter(spec(name, help), one(read));

  gauge("up", "1 while Redis is asked; 0 while memory is all there is.", ({ state }) => Number(state === "up"));
  gauge("writable", "1 while Redis takes writes; 0 while it is full, read-only or down.", ({ writable }) =>
    Number(writable),
  );
  gauge("subscribed", "1 while purges of other gateways are heard of.", ({ subscribed }) => Number(subscribed));
  gauge("pending_writes", "Writes that wait or are under way.", ({ pendingWrites }) => pendingWrites);
  gauge("pending_write_bytes", "Bytes of these.", ({ pendingBytes }) => pendingBytes);
  gauge("owed_purges", "Purges that Redis still has to learn of.", ({ owedPurges }) => owedPurges);
  counter("commands_total", "Commands that were sent.", ({ commands }) => commands);
  counter("hits_total", "Lookups beyond memory that found something.", ({ hits }) => hits);
  counter("misses_total", "Lookups beyond memory that found nothing.", ({ misses }) => misses);
  counter("unreadable_total", "Values that were foreign, cut off, of another version or too large.", (now) => {
    return now.unreadable;
  });
  counter("dropped_writes_total", "Writes that were left out because too many waited.", (now) => now.droppedWrites);
  registry.counter(
    {
      name: "headgate_cache_redis_failures_total",
      help: "Commands that came to nothing: not asked because it was down, out of time, lost, refused, or an error.",
      labels: ["reason"],
    },
    function* () {
      for (const [reason, count] of Object.entries(status()?.failures ?? {})) yield [{ reason }, count];
    },
  );
}
