import { isDeepStrictEqual } from "node:util";
import type { CacheStats } from "../admin/cache-admin.ts";
import type { BackendStatus, PoolStatus } from "../control/control-plane.ts";
import type { ExchangeRecord, ExchangeSink } from "../observability/exchange-record.ts";
import { ExchangeTallies } from "../observability/exchange-tallies.ts";
import { LiveCounter, type LiveDelta } from "../observability/live-delta.ts";
import { type Mirrored, MirrorTallies } from "../observability/mirror-tallies.ts";
import { type TalliesDelta, talliesDelta } from "../observability/tallies-delta.ts";
import type { UpstreamPool } from "../upstream/upstream-pool.ts";

type PoolNumbers = Pick<PoolStatus, "name" | "active" | "limit" | "waiting" | "breaker" | "panic" | "budgetLeft">;

/** How a pool stands in one worker. */
export interface PoolGauges extends PoolNumbers {
  /** Those with attempts in flight, or a latency that a policy has learnt. */
  readonly backends: ReadonlyMap<string, Pick<BackendStatus, "active" | "latency">>;
}

/** How a worker stands. */
export interface WorkerGauges {
  readonly inFlight: number;
  readonly connections: number;
  /** Null where there is no cache. */
  readonly cache: CacheStats | null;
  readonly pools: readonly PoolGauges[];
  /** Resident memory, bytes. */
  readonly memory: number;
}

/** What a worker tells a few times a second: what it counted since it told last, and how it stands. */
export interface WorkerReport {
  /** Null where no exchange ended. */
  readonly counts: { readonly tallies: TalliesDelta; readonly live: LiveDelta } | null;
  /** How copies of requests ended. */
  readonly mirrored: readonly Mirrored[];
  readonly gauges: WorkerGauges;
}

/** How a pool stands at `tick`, monotonic ms. */
export function poolGauges(pool: UpstreamPool & { readonly limit: number | null }, tick: number): PoolGauges {
  const { name, balancer, rules, limit, budget } = pool;
  const backends = new Map<string, Pick<BackendStatus, "active" | "latency">>();
  for (const { id, active, latency } of balancer.backends) {
    const learnt = Math.round(latency.at(tick));
    if (active > 0 || learnt > 0) backends.set(id, { active, latency: learnt || null });
  }
  return {
    ...{ name, limit, active: balancer.active, panic: balancer.panic, backends },
    waiting: rules.gate?.waiting ?? 0,
    breaker: rules.gate?.breaker ?? null,
    budgetLeft: budget.left(tick),
  };
}

/** Counts a worker's exchanges until they are told. */
export class WorkerCounts implements ExchangeSink {
  readonly #live = new LiveCounter();
  #tallies = new ExchangeTallies();
  readonly mirrored: MirrorTallies = new MirrorTallies();
  #told: WorkerGauges | null = null;

  record(exchange: ExchangeRecord): void {
    this.#tallies.record(exchange);
    this.#live.record(exchange);
  }

  /** What is to be told now; null where nothing has happened since the last time. */
  take(gauges: WorkerGauges): WorkerReport | null {
    const live = this.#live.take();
    const mirrored = this.mirrored.take();
    if (live === null && mirrored.length === 0 && isDeepStrictEqual(gauges, this.#told)) return null;
    this.#told = gauges;
    if (live === null) return { counts: null, mirrored, gauges };
    const tallies = talliesDelta(this.#tallies);
    this.#tallies = new ExchangeTallies();
    return { counts: { tallies, live }, mirrored, gauges };
  }
}
