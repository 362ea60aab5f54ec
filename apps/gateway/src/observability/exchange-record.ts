import type { ExchangeTrace } from "./exchange-trace.ts";

/** One try at one backend, as it ended. Times are milliseconds of the gateway's monotonic clock. */
export interface AttemptRecord {
  readonly backend: string;
  readonly startedAt: number;
  /** Whether it was sent beside the one before, which was slow; else, where one was before, because that failed. */
  readonly hedge: boolean;
  /** When the request was handed to a connection, after any wait for one; null if it never was. */
  sentAt: number | null;
  /** When the response head was in; null if it never came. */
  headAt: number | null;
  /** `ok`, or the failure's kind (`refused`, `reset`, `head-timeout`, ...). */
  outcome: string;
  /** The status the backend answered with; null without a head. */
  status: number | null;
  /** Why the retry plan went on or gave up after this attempt; null where it was not asked. */
  retry: string | null;
}

/** How an exchange ended for the client. */
export type ExchangeOutcome = "complete" | "client-gone" | "broken-off";

/**
 * All that the gateway knows of one exchange, filled in as layers decide and handed to every sink
 * (access log, metrics, traces, status table) once, when the last byte is out or the client is gone.
 */
export interface ExchangeRecord {
  /** X-Request-Id. */
  id: string;
  /** Wall-clock start, ms since the epoch. */
  readonly startedAt: number;
  /** Monotonic start, ms. */
  readonly startedTick: number;
  /** Set by `observe`. */
  trace: ExchangeTrace | null;
  readonly method: string;
  readonly scheme: "http" | "https";
  readonly httpVersion: string;
  host: string;
  /** Path without the query: queries may carry secrets. */
  path: string;
  client: string;
  route: string | null;
  pool: string | null;
  /** Why that one, where a route is split over several: `cookie`, `hash`, `draw-new`, ...; null else. */
  poolWhy: string | null;
  /** Name of the API key; never the key. */
  identity: string | null;
  status: number;
  /** Problem code when the gateway itself answered; null else. */
  problem: string | null;
  /** X-Cache value; null where the cache was not asked. */
  cache: string | null;
  /** Why the cache did what it did. */
  cacheDetail: string | null;
  /** Coding that the gateway applied; null if none. */
  encoding: string | null;
  backend: string | null;
  readonly attempts: AttemptRecord[];
  requestBytes: number;
  /** Body bytes before the gateway's own compression. */
  bodyBytes: number;
  /** Body bytes handed to the client's connection. */
  sentBytes: number;
  /** Monotonic ms when the response head was handed over; null if never. */
  headTick: number | null;
  /** Monotonic ms at the end. */
  endTick: number;
  outcome: ExchangeOutcome;
}

/** Takes finished records; must not throw and must not keep them. */
export interface ExchangeSink {
  record(exchange: ExchangeRecord): void;
}
