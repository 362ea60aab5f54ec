import { isError, isHit, isLookup } from "./exchange-kind.ts";
import type { AttemptRecord, ExchangeRecord, ExchangeSink } from "./exchange-record.ts";
import { bucketOf } from "./latency-buckets.ts";
import type { Burst } from "./sliding-window.ts";

/** What of `LiveStats` was counted in a short time, in a form that goes from process to process. */
export interface LiveDelta {
  readonly requests: number;
  readonly errors: number;
  readonly lookups: number;
  readonly hits: number;
  readonly exchanges: Burst;
  /** By pool and backend. */
  readonly backends: ReadonlyMap<string, ReadonlyMap<string, Burst>>;
}

/** Backends that are told apart between two takings; attempts at more are left out. */
const MAX_BACKENDS = 4096;

class Counting implements Burst {
  events = 0;
  readonly buckets = new Map<number, number>();

  add(latency: number | null): void {
    this.events++;
    if (latency === null) return;
    const bucket = bucketOf(latency);
    this.buckets.set(bucket, (this.buckets.get(bucket) ?? 0) + 1);
  }
}

/** Counts exchanges for the `LiveStats` of another process. */
export class LiveCounter implements ExchangeSink {
  #requests = 0;
  #errors = 0;
  #lookups = 0;
  #hits = 0;
  #exchanges = new Counting();
  #pools = new Map<string, Map<string, Counting>>();
  #backends = 0;

  record(exchange: ExchangeRecord): void {
    this.#requests++;
    if (isError(exchange)) this.#errors++;
    if (isLookup(exchange)) this.#lookups++;
    if (isHit(exchange)) this.#hits++;
    this.#exchanges.add(exchange.endTick - exchange.startedTick);
    for (const attempt of exchange.attempts) this.#attempt(exchange.pool ?? "", attempt);
  }

  /** What was counted since the last call; null for nothing. */
  take(): LiveDelta | null {
    if (this.#requests === 0) return null;
    const delta = {
      ...{ requests: this.#requests, errors: this.#errors, lookups: this.#lookups, hits: this.#hits },
      exchanges: plain(this.#exchanges),
      backends: new Map(Array.from(this.#pools, ([pool, counted]) => [pool, plainEach(counted)])),
    };
    this.#requests = this.#errors = this.#lookups = this.#hits = this.#backends = 0;
    this.#exchanges = new Counting();
    this.#pools = new Map();
    return delta;
  }

  #attempt(pool: string, { backend, startedAt, headAt }: AttemptRecord): void {
    this.#counting(pool, backend)?.add(headAt === null ? null : headAt - startedAt);
  }

  #counting(pool: string, backend: string): Counting | undefined {
    const known = this.#pools.get(pool)?.get(backend);
    if (known !== undefined || this.#backends >= MAX_BACKENDS) return known;
    const made = new Counting();
    const ofPool = this.#pools.get(pool) ?? new Map<string, Counting>();
    this.#pools.set(pool, ofPool.set(backend, made));
    this.#backends++;
    return made;
  }
}

function plain({ events, buckets }: Counting): Burst {
  return { events, buckets };
}

function plainEach(counted: ReadonlyMap<string, Counting>): ReadonlyMap<string, Burst> {
  return new Map(Array.from(counted, ([id, counting]) => [id, plain(counting)]));
}
