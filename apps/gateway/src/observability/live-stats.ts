import { isError, isHit, isLookup } from "./exchange-kind.ts";
import type { AttemptRecord, ExchangeRecord, ExchangeSink } from "./exchange-record.ts";
import type { LiveDelta } from "./live-delta.ts";
import { SlidingWindow } from "./sliding-window.ts";

/** What one backend did in the last ten seconds. */
export interface BackendLive {
  /** Attempts that ended, a second. */
  readonly perSecond: number;
  /** 99th percentile of the time to the response head, ms; null where there was none. */
  readonly p99: number | null;
}

/** The gateway's pulse: rates and percentiles over ten seconds, counts since it started. */
export interface LiveSnapshot {
  /** Exchanges that ended, a second. */
  readonly perSecond: number;
  /** 99th percentile of whole exchanges, ms; null where there was none. */
  readonly p99: number | null;
  readonly requests: number;
  /** Exchanges that ended with a 5xx status or broke off. */
  readonly errors: number;
  /** Exchanges for which the cache was asked, and those it answered without a backend. */
  readonly cacheLookups: number;
  readonly cacheHits: number;
  /** By pool, then by backend id; those idle for ten seconds are left out. */
  readonly backends: ReadonlyMap<string, ReadonlyMap<string, BackendLive>>;
}

const IDLE: BackendLive = { perSecond: 0, p99: null };

/** One backend's part of a snapshot. */
export function liveBackend(snapshot: LiveSnapshot, pool: string, id: string): BackendLive {
  return snapshot.backends.get(pool)?.get(id) ?? IDLE;
}

/** The share of lookups that the cache answered, 0 to 1; null before the first. */
export function hitRatio({ cacheHits, cacheLookups }: LiveSnapshot): number | null {
  return cacheLookups === 0 ? null : cacheHits / cacheLookups;
}

/** Backends that may be remembered at a time; attempts at more are left out until a snapshot forgets idle ones. */
const MAX_BACKENDS = 4096;

/**
 * Counts for the status table and the admin API. Time comes with the records (`endTick`) and with the question, in
 * monotonic ms; memory is bounded, and a backend that took no attempt for ten seconds is forgotten.
 */
export class LiveStats implements ExchangeSink {
  readonly #since: number;
  readonly #exchanges: SlidingWindow;
  readonly #pools = new Map<string, Map<string, SlidingWindow>>();
  #backends = 0;
  #requests = 0;
  #errors = 0;
  #lookups = 0;
  #hits = 0;

  /** @param since monotonic ms at which the gateway started */
  constructor(since: number) {
    this.#since = since;
    this.#exchanges = new SlidingWindow(since);
  }

  record(exchange: ExchangeRecord): void {
    this.#requests++;
    if (isError(exchange)) this.#errors++;
    if (isLookup(exchange)) this.#lookups++;
    if (isHit(exchange)) this.#hits++;
    this.#exchanges.add(exchange.endTick, exchange.endTick - exchange.startedTick);
    for (const attempt of exchange.attempts) this.#attempt(exchange, attempt);
  }

  /** Takes over what another process has counted since it told last, as of `now`. */
  merge({ requests, errors, lookups, hits, exchanges, backends }: LiveDelta, now: number): void {
    this.#requests += requests;
    this.#errors += errors;
    this.#lookups += lookups;
    this.#hits += hits;
    this.#exchanges.addBurst(now, exchanges);
    for (const [pool, bursts] of backends)
      for (const [id, burst] of bursts) this.#window(pool, id)?.addBurst(now, burst);
  }

  /** How things stand at `now`. */
  snapshot(now: number): LiveSnapshot {
    this.#forgetIdle(now);
    const backends = new Map<string, ReadonlyMap<string, BackendLive>>();
    for (const [pool, windows] of this.#pools) {
      const live = new Map<string, BackendLive>();
      for (const [id, window] of windows) live.set(id, { perSecond: window.perSecond(now), p99: window.p99(now) });
      backends.set(pool, live);
    }
    return {
      perSecond: this.#exchanges.perSecond(now),
      p99: this.#exchanges.p99(now),
      requests: this.#requests,
      errors: this.#errors,
      cacheLookups: this.#lookups,
      cacheHits: this.#hits,
      backends,
    };
  }

  #attempt({ pool, endTick }: ExchangeRecord, { backend, startedAt, headAt }: AttemptRecord): void {
    this.#window(pool ?? "", backend)?.add(endTick, headAt === null ? null : headAt - startedAt);
  }

  #window(pool: string, backend: string): SlidingWindow | undefined {
    const known = this.#pools.get(pool)?.get(backend);
    if (known !== undefined) return known;
    if (this.#backends >= MAX_BACKENDS) return undefined;
    const windows = this.#pools.get(pool) ?? new Map<string, SlidingWindow>();
    const window = new SlidingWindow(this.#since);
    this.#pools.set(pool, windows.set(backend, window));
    this.#backends++;
    return window;
  }

  #forgetIdle(now: number): void {
    for (const [pool, windows] of this.#pools) {
      for (const [id, window] of windows) {
        if (window.isIdle(now) && windows.delete(id)) this.#backends--;
      }
      if (windows.size === 0) this.#pools.delete(pool);
    }
  }
}
