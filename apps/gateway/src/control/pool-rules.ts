import { hostname } from "node:os";
import { isDeepStrictEqual } from "node:util";
import {
  type FailureKind,
  LatencyQuantile,
  type Pool,
  type PoolOptions,
  RetryBudget,
  type RetryBudgetOptions,
} from "@headgate/balancer";
import { isFailure, PLAIN_RETRIES } from "../config/schema/retries.ts";
import { parseStatuses } from "../config/schema/statuses.ts";
import { hashKeyOf } from "../upstream/hash-key.ts";
import type { Sessions } from "../upstream/sessions.ts";
import type { PoolRules } from "../upstream/upstream-pool.ts";
import type { PoolConfig } from "./connection-options.ts";
import type { ControlTime } from "./control-time.ts";
import { gateOf } from "./pool-gate.ts";
import { limitOf } from "./pool-limit.ts";
import { policyName, policyOf, policyParameters } from "./pool-policy.ts";

/**
 * How a pool is used, over all versions of its config. What has a state (policy, budget, queue, breaker, adaptive limit,
 * latencies) stays while the part of the config that it is made from does.
 */
export class PoolRuleBook {
  rules: PoolRules;
  budget: RetryBudget;
  #config: PoolConfig;
  #limit: ReturnType<typeof limitOf>;
  readonly #balancer: Pool;
  readonly #time: ControlTime;

  constructor(config: PoolConfig, sessions: Sessions | null, balancer: Pool, time: ControlTime) {
    this.#config = config;
    this.#balancer = balancer;
    this.#time = time;
    this.#limit = limitOf(config);
    this.budget = budgetOf(config);
    const latencies = config.hedging ? new LatencyQuantile() : null;
    this.rules = rulesOf(config, { sessions, latencies, gate: gateOf(config, balancer, time) });
    this.#setOptions();
  }

  /** Name of the policy. */
  get policy(): string {
    return policyName(this.#config.balancing);
  }

  /** What the policy is told beside its name. */
  get parameters(): Readonly<Record<string, unknown>> {
    return policyParameters(this.#config.balancing);
  }

  /** The cookie of sticky sessions; null without. */
  get sticky(): string | null {
    const { sticky } = this.#config;
    return sticky === false ? null : sticky.cookie;
  }

  /** How many backends of each level are used together; null for all. */
  get subset(): number | null {
    const { subset } = this.#config;
    return subset === false ? null : subset.size;
  }

  /** Attempts in flight at most; null for any number. */
  get limit(): number | null {
    return this.#limit?.limit ?? null;
  }

  get retries(): number {
    return retryCount(this.#config.retries);
  }

  /** Takes over a version of the config. */
  apply(config: PoolConfig, sessions: Sessions | null): void {
    const before = this.#config;
    let { gate, latencies } = this.rules;
    this.#config = config;
    if (!isDeepStrictEqual(config.balancing, before.balancing)) this.#balancer.setPolicy(policyOf(config.balancing));
    if (!isDeepStrictEqual(config.retries, before.retries)) this.budget = budgetOf(config);
    if (!isDeepStrictEqual(bounds(config), bounds(before))) {
      this.#limit = limitOf(config);
      gate = gateOf(config, this.#balancer, this.#time);
    }
    latencies = config.hedging ? (latencies ?? new LatencyQuantile()) : null;
    this.#setOptions();
    // Those that wait before the old gate may find more room by the new limits.
    this.rules.gate?.wake();
    this.rules = rulesOf(config, { sessions, latencies, gate });
  }

  #setOptions(): void {
    this.#balancer.setOptions(balancerOptions(this.#config, hostname(), this.#limit));
  }
}

/** What gate and limit are made from. */
function bounds({ limits, breaker, concurrency, backends }: PoolConfig): object {
  return { limits, breaker, concurrency, own: backends.some((backend) => backend.limits !== undefined) };
}

function budgetOf({ retries }: PoolConfig): RetryBudget {
  return new RetryBudget(budgetOptions(retries));
}

/** Further attempts after the first. */
export function retryCount(retries: PoolConfig["retries"]): number {
  return typeof retries === "number" ? retries : retries.count;
}

export function budgetOptions(retries: PoolConfig["retries"]): RetryBudgetOptions {
  return typeof retries === "number" ? {} : { share: retries.budget, minPerSecond: retries.reserve };
}

/** @param gateway what this gateway is called where the config does not say */
export function balancerOptions(
  { slowStart, zone, panic, subset }: Pick<PoolConfig, "slowStart" | "zone" | "panic" | "subset">,
  gateway: string,
  limit?: ReturnType<typeof limitOf>,
): PoolOptions {
  const ramp = typeof slowStart === "number" ? { window: slowStart } : slowStart;
  return {
    ...{ zone, panic },
    ...(subset === false ? {} : { subset: { size: subset.size, gateway: subset.gateway ?? gateway } }),
    ...(ramp === false ? {} : { slowStart: ramp }),
    ...(limit === undefined ? {} : { limit }),
  };
}

function rulesOf(config: PoolConfig, parts: Pick<PoolRules, "sessions" | "gate" | "latencies">): PoolRules {
  const { balancing, timeouts } = config;
  const hashing = typeof balancing === "string" ? null : balancing;
  return {
    ...parts,
    ...retryRules(config),
    perTry: timeouts.perTry,
    total: timeouts.total,
    hashKey: hashing === null ? null : hashKeyOf(hashing.on, hashing.name ?? ""),
    readsLoad: balancing === "load-aware",
  };
}

export function retryRules({
  retries,
}: Pick<PoolConfig, "retries">): Pick<PoolRules, "retryOn" | "retryStatuses" | "hold"> {
  const { count, on, hold, holdTime } = typeof retries === "number" ? { ...PLAIN_RETRIES, count: retries } : retries;
  const kinds: FailureKind[] = on.filter(isFailure);
  const statuses = on.flatMap((each) => {
    const [from, to] = parseStatuses(each) ?? [0, -1];
    return Array.from({ length: to - from + 1 }, (_, step) => from + step);
  });
  return {
    hold: count === 0 || hold === 0 ? null : { bytes: hold, time: holdTime },
    retryOn: kinds.length === 0 ? undefined : new Set<FailureKind>([...kinds, "status"]),
    retryStatuses: statuses.length === 0 ? null : new Set(statuses),
  };
}
