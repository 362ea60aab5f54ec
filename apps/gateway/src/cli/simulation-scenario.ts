import type { BackendId } from "@headgate/balancer";
import type { Arrivals, PoolSettings, Scenario, ServiceTime, SimulatedBackend } from "@headgate/simulation";
import type { ScenarioConfig } from "../config/scenario/schema.ts";
import { checkerOptions } from "../control/pool-checks.ts";
import { breakerOptions } from "../control/pool-gate.ts";
import { limitOf } from "../control/pool-limit.ts";
import { outlierOptions } from "../control/pool-outliers.ts";
import { balancerOptions, budgetOptions, retryCount, retryRules } from "../control/pool-rules.ts";

/** The scenario as the simulator takes it. */
export function scenarioOf(config: ScenarioConfig, arrivals: Arrivals): Scenario {
  const { seed, keys, pool, backends } = config;
  return {
    ...{ seed, keys, arrivals },
    service: serviceOf(config.service),
    pool: settingsOf(pool),
    backends: backends.flatMap((backend, index) => backendsOf(backend, nameOf(backends, index), pool)),
  };
}

function serviceOf({ distribution, mean, sigma, alpha }: ScenarioConfig["service"]): ServiceTime {
  if (distribution === "log-normal") return { distribution, mean, sigma };
  return distribution === "pareto" ? { distribution, mean, alpha } : { distribution, mean };
}

type Kinds = ScenarioConfig["backends"];

/** Its own name, made distinct where another has it. */
function nameOf(kinds: Kinds, index: number): string {
  const own = (at: number): string => kinds[at]?.name ?? "backend";
  const alike = kinds.filter((_, at) => own(at) === own(index)).length;
  return alike === 1 ? own(index) : `${own(index)}-${index + 1}`;
}

function backendsOf(kind: Kinds[number], name: string, { limits }: ScenarioConfig["pool"]): SimulatedBackend[] {
  const { count, requests = limits.perBackend?.requests, name: _, zone, priority, ...rest } = kind;
  return Array.from({ length: count }, (_, index) => {
    const id = (count === 1 ? name : `${name}-${index + 1}`) as BackendId;
    return {
      ...{ id, url: `http://${id}`, ...rest },
      ...(zone === undefined ? {} : { zone }),
      ...(priority === undefined ? {} : { priority }),
      ...(requests === undefined ? {} : { maxActive: requests }),
    };
  });
}

function settingsOf(pool: ScenarioConfig["pool"]): PoolSettings {
  const { retryOn, retryStatuses } = retryRules(pool);
  const { head, perTry, total } = pool.timeouts;
  const isLimited = limitOf(pool) !== undefined;
  return {
    options: balancerOptions(pool, "simulated"),
    limit: isLimited ? () => limitOf(pool) ?? { limit: Number.POSITIVE_INFINITY } : null,
    queue: { capacity: pool.limits.waiting, maxWait: pool.limits.wait },
    retries: {
      count: retryCount(pool.retries),
      on: retryOn,
      statuses: retryStatuses ?? new Set(),
      budget: budgetOptions(pool.retries),
    },
    hedging: pool.hedging,
    breaker: pool.breaker === false ? null : breakerOptions(pool.breaker),
    health: pool.health === false ? null : checkerOptions(pool.health),
    outlier: pool.outlier === false ? null : outlierOptions(pool.outlier),
    timeouts: { head, perTry, total },
  };
}
