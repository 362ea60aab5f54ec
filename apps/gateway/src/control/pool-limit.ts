import { AimdLimit, type ConcurrencyLimit, GradientLimit } from "@headgate/balancer";
import type { PoolConfig } from "./connection-options.ts";

type Adaptive = Exclude<PoolConfig["concurrency"], false | string>;

/** The pool's limit of attempts in flight: fixed, adaptive below that, or none. */
export function limitOf({
  limits,
  concurrency,
}: Pick<PoolConfig, "limits" | "concurrency">): ConcurrencyLimit | undefined {
  const { connections = Number.POSITIVE_INFINITY, requests = Number.POSITIVE_INFINITY } = limits;
  const fixed = Math.min(connections, requests);
  if (concurrency !== false) return adaptive(concurrency, fixed);
  return fixed === Number.POSITIVE_INFINITY ? undefined : { limit: fixed };
}

function adaptive(concurrency: Adaptive | Adaptive["algorithm"], most: number): ConcurrencyLimit {
  const { algorithm, ...own } = typeof concurrency === "string" ? { algorithm: concurrency } : concurrency;
  const { tolerance, latency, ...bounds }: Partial<Adaptive> = own;
  const given = { ...bounds, max: Math.min(most, bounds.max ?? Number.POSITIVE_INFINITY) };
  if (algorithm === "aimd") return new AimdLimit({ ...given, ...(latency === undefined ? {} : { latency }) });
  return new GradientLimit({ ...given, ...(tolerance === undefined ? {} : { tolerance }) });
}
