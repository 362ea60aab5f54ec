import type { ControlPlane } from "../control/control-plane.ts";
import type { DiscoveryStatus } from "../control/discovery/pool-discovery.ts";
import type { Reader, ScrapeRegistry } from "./prometheus.ts";

/** How what finds the pools' backends is doing. */
export function registerDiscoveryMetrics(registry: ScrapeRegistry, control: Pick<ControlPlane, "pools">): void {
  const each = (read: (status: DiscoveryStatus) => number): Reader<"pool" | "source"> =>
    function* () {
      for (const { name, discovery } of control.pools())
        for (const status of discovery) yield [{ pool: name, source: status.source }, read(status)];
    };
  const labels = ["pool", "source"] as const;
  registry.gauge(
    { name: "headgate_discovery_ok", help: "0 while a source of backends cannot be used as it is.", labels },
    each(({ fault }) => Number(fault === null)),
  );
  registry.counter(
    { name: "headgate_discovery_faults_total", help: "How often looking for backends found something wrong.", labels },
    each(({ faults }) => faults),
  );
}
