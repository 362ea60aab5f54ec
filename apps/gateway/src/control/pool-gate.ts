import { type BreakerOptions, CircuitBreaker, type Pool, WaitQueue } from "@headgate/balancer";
import { Gate } from "../upstream/gate.ts";
import type { PoolConfig } from "./connection-options.ts";
import type { ControlTime } from "./control-time.ts";

/** What stands before a pool; null where its config sets no limit and no circuit breaker. */
export function gateOf(config: PoolConfig, balancer: Pool, { clock, schedule }: ControlTime): Gate | null {
  if (config.breaker === false && !isLimited(config)) return null;
  const { waiting: capacity, wait: maxWait } = config.limits;
  const queue = new WaitQueue<never>({ capacity, maxWait, schedule });
  return new Gate({ balancer, clock, queue, breaker: breakerOf(config) });
}

function isLimited({ limits, concurrency, backends }: PoolConfig): boolean {
  const { connections, requests, perBackend } = limits;
  const ofPool = [connections, requests, perBackend].some((limit) => limit !== undefined);
  return ofPool || concurrency !== false || backends.some((backend) => backend.limits !== undefined);
}

function breakerOf({ breaker }: PoolConfig): CircuitBreaker | null {
  return breaker === false ? null : new CircuitBreaker(breakerOptions(breaker));
}

/** The config's words in the breaker's. */
export function breakerOptions(breaker: Exclude<PoolConfig["breaker"], false>): BreakerOptions {
  const { failures: failureShare, minimum, window, open: openFor, longest, probes } = breaker;
  return { failureShare, minimum, window, openFor, longest, probes };
}
