import type { BackendStatus, ControlPlane } from "../control/control-plane.ts";
import type { Reader, ScrapeRegistry } from "./prometheus.ts";

type Pools = Pick<ControlPlane, "pools">;

const STATES = ["NOT_INITIATED", "HEALTHY", "UNREACHABLE"] as const;

function stateGauges(registry: ScrapeRegistry, control: Pools): void {
  const each = (read: (backend: BackendStatus) => number): Reader<"pool" | "backend"> =>
    function* () {
      for (const { backends } of control.pools())
        for (const backend of backends) yield [{ pool: backend.pool, backend: backend.id }, read(backend)];
    };
  const gauge = (name: string, help: string, read: (backend: BackendStatus) => number): void =>
    registry.gauge({ name: `headgate_backend_${name}`, help, labels: ["pool", "backend"] }, each(read));

  registry.gauge(
    {
      name: "headgate_backend_state",
      help: "1 for the state that the health checks gave a backend, 0 for the others.",
      labels: ["pool", "backend", "state"],
    },
    function* () {
      for (const { backends } of control.pools())
        for (const { pool, id, state: current } of backends)
          for (const state of STATES) yield [{ pool, backend: id, state }, Number(state === current)];
    },
  );
  gauge("draining", "1 while a backend gets no new exchanges.", ({ draining }) => Number(draining));
  gauge("ejected", "1 while a backend is put aside for faults of its traffic.", ({ ejected }) => Number(ejected));
  gauge("active", "Attempts in flight.", ({ active }) => active);
  gauge("failures", "Failed health checks in a row.", ({ failures }) => failures);
  gauge("weight", "Share of the traffic, relative to the pool's others.", ({ weight }) => weight);
  gauge("effective_weight", "What a backend counts for now: less while it ramps up.", (backend) => {
    return backend.effectiveWeight;
  });
  gauge("last_healthy_timestamp_seconds", "When a health check last succeeded; 0 if never.", ({ lastHealthy }) =>
    lastHealthy === null ? 0 : lastHealthy / 1000,
  );
}

/** What a report says of a backend as shares. */
const LOADS = ["utilization", "cpu", "memory", "weightFactor"] as const;

/** Those that not every backend has: why it is put aside, and what is known of its latency and load. */
function occasionalGauges(registry: ScrapeRegistry, control: Pools): void {
  const each = function* <L extends string>(read: (backend: BackendStatus) => Iterable<[Record<L, string>, number]>) {
    for (const { backends } of control.pools())
      for (const backend of backends)
        for (const [labels, value] of read(backend))
          yield [{ pool: backend.pool, backend: backend.id, ...labels }, value] as const;
  };
  const gauge = <L extends string>(
    name: string,
    help: string,
    labels: readonly L[],
    read: (backend: BackendStatus) => Iterable<[Record<L, string>, number]>,
  ): void =>
    registry.gauge({ name: `headgate_backend_${name}`, help, labels: ["pool", "backend", ...labels] }, () =>
      each(read),
    );

  gauge(
    "ejection",
    "1 while a backend is put aside, by why: a refused connection, or what outlier detection found.",
    ["reason"],
    ({ ejected, ejection }) => (ejected ? [[{ reason: ejection?.reason ?? "refused" }, 1]] : []),
  );
  gauge(
    "ejected_until_timestamp_seconds",
    "When a backend that outlier detection has put aside is taken back.",
    [],
    ({ ejection }) => (ejection === null ? [] : [[{}, ejection.until / 1000]]),
  );
  gauge(
    "ewma_seconds",
    "Peak-sensitive average of a backend's latency, where a policy has learnt it.",
    [],
    ({ latency }) => (latency === null ? [] : [[{}, latency / 1000]]),
  );
  gauge("load", "The load that a backend last reported, as a share.", ["kind"], ({ load }) =>
    LOADS.flatMap((kind) => (load?.[kind] === undefined ? [] : [[{ kind }, load[kind]]])),
  );
}

/** The gauges that show how backends stand when they are scraped. */
export function registerBackendMetrics(registry: ScrapeRegistry, control: Pools): void {
  stateGauges(registry, control);
  occasionalGauges(registry, control);
}
