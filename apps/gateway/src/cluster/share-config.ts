import type { ConfigSnapshot } from "../config/snapshot.ts";
import type { PoolConfig } from "../control/connection-options.ts";
import type { Member } from "../control/members.ts";

type Limits = PoolConfig["limits"];
type Concurrency = PoolConfig["concurrency"];

/** A worker's part of a bound: rounded up, so that all of them together are no less than what the config says. */
function part(total: number, workers: number): number {
  return Math.ceil(total / workers);
}

/**
 * The config as one of so many workers carries it out: what bounds the whole gateway is divided among them, each bound
 * being one at least.
 */
export function shareConfig(config: ConfigSnapshot, workers: number): ConfigSnapshot {
  const { limits, cache, compression, pools } = config;
  return {
    ...config,
    limits: {
      ...limits,
      exchanges: part(limits.exchanges, workers),
      connections: part(limits.connections, workers),
    },
    cache: { ...cache, entries: part(cache.entries, workers), memory: part(cache.memory, workers) },
    compression: { ...compression, memory: part(compression.memory, workers) },
    pools: Object.fromEntries(Object.entries(pools).map(([name, pool]) => [name, sharePool(pool, workers)])),
  };
}

/** The config with what is read once, at the start, as it was then: so a replacement is like the others. */
export function withStart(config: ConfigSnapshot, { cache, compression, log }: ConfigSnapshot): ConfigSnapshot {
  const { entries, memory, redis } = cache;
  return {
    ...config,
    log,
    cache: { ...config.cache, entries, memory, redis },
    compression: { ...config.compression, memory: compression.memory },
  };
}

/** A backend with a worker's part of its bounds. */
export function shareMember<M extends Pick<Member, "limits">>(member: M, workers: number): M {
  return member.limits === undefined ? member : { ...member, limits: shareCounts(member.limits, workers) };
}

/** Whom discovery finds is the primary's to say. */
function sharePool(pool: PoolConfig, workers: number): PoolConfig {
  return {
    ...pool,
    discovery: undefined,
    backends: pool.backends.map((backend) => shareMember(backend, workers)),
    limits: shareLimits(pool.limits, workers),
    concurrency: shareConcurrency(pool.concurrency, workers),
  };
}

function shareLimits(limits: Limits, workers: number): Limits {
  const { perBackend, waiting } = limits;
  return {
    ...limits,
    ...shareCounts(limits, workers),
    waiting: part(waiting, workers),
    ...(perBackend === undefined ? {} : { perBackend: shareCounts(perBackend, workers) }),
  };
}

interface Counts {
  readonly connections?: number | undefined;
  readonly requests?: number | undefined;
}

function shareCounts<C extends Counts>({ connections, requests }: C, workers: number): Counts {
  return {
    ...(connections === undefined ? {} : { connections: part(connections, workers) }),
    ...(requests === undefined ? {} : { requests: part(requests, workers) }),
  };
}

/** An adaptive limit finds itself in each worker, between bounds that are its part. */
function shareConcurrency(concurrency: Concurrency, workers: number): Concurrency {
  if (typeof concurrency !== "object") return concurrency;
  const { min, max, initial } = concurrency;
  return { ...concurrency, min: part(min, workers), max: part(max, workers), initial: part(initial, workers) };
}
