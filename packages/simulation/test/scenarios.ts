import type { BackendId, PolicySpec } from "@headgate/balancer";
import {
  type Outcome,
  type PoolSettings,
  type Scenario,
  type SimulatedBackend,
  simulate,
  type Watch,
} from "../src/index.ts";

/** The gateway's defaults. */
export const POOL: PoolSettings = {
  options: {},
  limit: null,
  queue: { capacity: 1024, maxWait: 1000 },
  retries: { count: 2, statuses: new Set(), budget: {} },
  hedging: false,
  breaker: null,
  health: { interval: 1000, timeout: 1000, failures: 3, successes: 1 },
  outlier: {},
  timeouts: { head: 30_000 },
};

/** Backends b0, b1, ...; `more` says what the nth has of its own. */
export function backends(
  count: number,
  more: (index: number) => Partial<SimulatedBackend> = () => ({}),
): SimulatedBackend[] {
  return Array.from({ length: count }, (_, index) => {
    const id = `b${index}` as BackendId;
    return { id, url: `http://b${index}`, ...more(index) };
  });
}

/** 300 a second for a minute over four backends that take 10 ms, unless told otherwise. */
export function scenario({
  pool = {},
  ...more
}: Partial<Omit<Scenario, "pool">> & { pool?: Partial<PoolSettings> } = {}): Scenario {
  return {
    seed: 1,
    arrivals: { process: "poisson", rate: 300, duration: 60_000 },
    service: { distribution: "exponential", mean: 10 },
    keys: { count: 1000, exponent: 0 },
    backends: backends(4),
    ...more,
    pool: { ...POOL, ...pool },
  };
}

export function run(policy: PolicySpec, load: Scenario, watch?: Watch): Promise<Outcome> {
  const react = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return simulate(load, policy, watch === undefined ? { react } : { react, watch });
}
