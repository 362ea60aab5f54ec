import type { ControlPlane, PoolStatus } from "../control/control-plane.ts";
import type { ScrapeRegistry } from "./prometheus.ts";

/** What a report says of a backend as shares. */
const LOADS = ["utilization", "cpu", "memory", "weightFactor"] as const;

const BREAKER_STATES = ["closed", "open", "half-open"] as const;

/** The gauges that show how pools stand when they are scraped, and why backends are put aside. */
export function registerPoolMetrics(registry: ScrapeRegistry, control: Pick<ControlPlane, "pools">): void {
  const gauge = (name: string, help: string, read: (pool: PoolStatus) => number | null): void =>
    registry.gauge({ name: `headgate_pool_${name}`, help, labels: ["pool"] }, function* () {
      for (const pool of control.pools()) {
        const value = read(pool);
        if (value !== null) yield [{ pool: pool.name }, value];
      }
    });

  registry.gauge(
    { name: "headgate_pool_info", help: "How a pool balances.", labels: ["pool", "policy"] },
    function* () {
      for (const { name, balancing } of control.pools()) yield [{ pool: name, policy: balancing }, 1];
    },
  );
  registry.gauge(
    {
      name: "headgate_pool_breaker_state",
      help: "1 for the state of a pool's circuit breaker, 0 for the others.",
      labels: ["pool", "state"],
    },
    function* () {
      for (const { name, breaker } of control.pools())
        if (breaker !== null)
          for (const state of BREAKER_STATES) yield [{ pool: name, state }, Number(state === breaker)];
    },
  );
  gauge("active", "Attempts in flight.", ({ active }) => active);
  gauge("limit", "Attempts in flight at most, where there is a limit.", ({ limit }) => limit);
  gauge("waiting", "Requests that wait for room.", ({ waiting }) => waiting);
  gauge("retry_budget", "Retries and hedges that the pool's budget has left.", ({ budgetLeft }) => budgetLeft);
  gauge("sticky", "1 where sessions are kept by a cookie.", ({ sticky }) => Number(sticky !== null));
  gauge("panic", "1 while too few backends are usable, so that all are used.", ({ panic }) => Number(panic));
  registry.gauge(
    {
      name: "headgate_backend_ejection",
      help: "1 while a backend is put aside, by why: a refused connection, or what outlier detection found.",
      labels: ["pool", "backend", "reason"],
    },
    function* () {
      for (const { backends } of control.pools())
        for (const { pool, id, ejected, ejection } of backends)
          if (ejected) yield [{ pool, backend: id, reason: ejection?.reason ?? "refused" }, 1];
    },
  );
  registry.gauge(
    {
      name: "headgate_backend_ejected_until_timestamp_seconds",
      help: "When a backend that outlier detection has put aside is taken back.",
      labels: ["pool", "backend"],
    },
    function* () {
      for (const { backends } of control.pools())
        for (const { pool, id, ejection } of backends)
          if (ejection !== null) yield [{ pool, backend: id }, ejection.until / 1000];
    },
  );
  registry.gauge(
    {
      name: "headgate_backend_load",
      help: "The load that a backend last reported, as a share.",
      labels: ["pool", "backend", "kind"],
    },
    function* () {
      for (const { backends } of control.pools())
        for (const { pool, id, load } of backends)
          for (const kind of LOADS) if (load?.[kind] !== undefined) yield [{ pool, backend: id, kind }, load[kind]];
    },
  );
}
