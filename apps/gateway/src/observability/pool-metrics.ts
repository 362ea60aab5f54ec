import type { ControlPlane, PoolStatus } from "../control/control-plane.ts";
import type { ScrapeRegistry } from "./prometheus.ts";

const BREAKER_STATES = ["closed", "open", "half-open"] as const;

/** The gauges that show how pools stand when they are scraped. */
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
  gauge("subset", "Backends of each level that are used together, where not all are.", ({ subset }) => subset);
  gauge("panic", "1 while too few backends are usable, so that all are used.", ({ panic }) => Number(panic));
}
