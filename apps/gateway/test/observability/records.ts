import type { AttemptRecord, ExchangeRecord } from "../../src/observability/exchange-record.ts";
import { ExchangeTrace } from "../../src/observability/exchange-trace.ts";

/** A finished attempt that took 4 ms to its head, with what a test changes. */
export function anAttempt(changes: Partial<AttemptRecord> = {}): AttemptRecord {
  return {
    backend: "127.0.0.1:8000",
    startedAt: 1_001,
    hedge: false,
    sentAt: 1_001,
    headAt: 1_005,
    outcome: "ok",
    status: 200,
    retry: null,
    ...changes,
  };
}

/** A GET that a backend answered in 10 ms, with what a test changes. */
export function anExchange(changes: Partial<ExchangeRecord> = {}): ExchangeRecord {
  return {
    id: "req-1",
    startedAt: Date.UTC(2026, 0, 2, 3, 4, 5),
    startedTick: 1_000,
    trace: new ExchangeTrace("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", () => 0.5),
    method: "GET",
    scheme: "https",
    httpVersion: "2.0",
    host: "localhost:8443",
    path: "/test",
    client: "127.0.0.1",
    route: "/",
    poolWhy: null,
    pool: "default",
    identity: "dev",
    status: 200,
    problem: null,
    cache: "MISS",
    cacheDetail: "uri-miss",
    encoding: null,
    backend: "127.0.0.1:8000",
    attempts: [anAttempt()],
    requestBytes: 7,
    bodyBytes: 100,
    sentBytes: 100,
    headTick: 1_006,
    endTick: 1_010,
    outcome: "complete",
    ...changes,
  };
}
