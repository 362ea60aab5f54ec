import { Crew } from "../cluster/crew.ts";
import { CrewControl } from "../cluster/crew-control.ts";
import { fork } from "../cluster/fork.ts";
import { freePort } from "../cluster/settle-ports.ts";
import { createMetrics } from "../observability/metrics.ts";
import { MirrorTallies } from "../observability/mirror-tallies.ts";
import type { DataPlane, Plane } from "./data-plane.ts";
import type { GatewayParts } from "./gateway.ts";

/** The data plane in so many processes of its own. */
export function createCrewDataPlane(count: number): GatewayParts["createDataPlane"] {
  return (parts, plane) => openCrew(count, parts, plane);
}

function openCrew(count: number, parts: GatewayParts, plane: Plane): DataPlane {
  const { loaded, time, secret, version, logger, accessLog, destination, debug } = parts;
  const { registry, state, stats, poolEvents, signing } = plane;
  const mirrored = new MirrorTallies();
  const crew: Crew = new Crew({
    ...{ count, fork, freePort, time, logger, signing },
    line: (line) => destination.write(line),
    setup: { secret, debug, accessLog: accessLog !== null },
    pools: registry,
    counted: ({ counts, mirrored: more }) => {
      mirrored.add(more);
      if (counts === null) return;
      metrics.merge(counts.tallies);
      stats.merge(counts.live, time.clock.tick());
    },
  });
  poolEvents.push(() => crew.poolsChanged());
  const control = new CrewControl(registry, state, crew);
  const cache = loaded.snapshot.cache.entries === 0 ? null : () => crew.cache.stats();
  const workers = () => crew.status();
  const metrics = createMetrics({ control, cache, traffic: () => crew, mirrored, version, workers });
  return {
    ...{ control, metrics, cache: crew.cache, workers },
    explain: (question, pools) => crew.explain(question, pools),
    start: (config, tls) => crew.start(config, tls),
    listen: (config, listeners) => crew.listen(config, listeners),
    apply: (config, tls) => crew.apply(config, tls),
    close: (grace) => crew.close(grace),
  };
}
