import type { AttemptRecord, ExchangeRecord, ExchangeSink } from "./exchange-record.ts";
import type { LogDestination } from "./log.ts";

/** The message of every access line. */
export const ACCESS_MESSAGE = "exchange";

/** Milliseconds to a hundredth: more digits are noise. */
function duration(from: number, to: number): number {
  return Math.round((to - from) * 100) / 100;
}

function attemptLine({ backend, outcome, status, retry, startedAt, headAt }: AttemptRecord): object {
  return {
    backend,
    outcome,
    status: status ?? undefined,
    headMs: headAt === null ? undefined : duration(startedAt, headAt),
    retry: retry ?? undefined,
  };
}

/** What is logged of an exchange; the query, credentials and bodies are not in the record and so never in the log. */
function accessLine(exchange: ExchangeRecord): object {
  const { attempts, startedAt, startedTick, headTick, endTick } = exchange;
  const [only] = attempts;
  const smooth = attempts.length === 1 && only?.outcome === "ok";
  return {
    level: "info",
    time: new Date(startedAt + endTick - startedTick).toISOString(),
    id: exchange.id,
    trace: exchange.trace?.id,
    client: exchange.client,
    identity: exchange.identity ?? undefined,
    method: exchange.method,
    scheme: exchange.scheme,
    host: exchange.host,
    path: exchange.path,
    http: exchange.httpVersion,
    route: exchange.route ?? undefined,
    pool: exchange.pool ?? undefined,
    poolWhy: exchange.poolWhy ?? undefined,
    status: exchange.status,
    outcome: exchange.outcome,
    problem: exchange.problem ?? undefined,
    cache: exchange.cache ?? undefined,
    why: exchange.cacheDetail ?? undefined,
    backend: exchange.backend ?? undefined,
    attempts: attempts.length,
    tries: attempts.length === 0 || smooth ? undefined : attempts.map(attemptLine),
    encoding: exchange.encoding ?? undefined,
    requestBytes: exchange.requestBytes,
    bodyBytes: exchange.bodyBytes,
    sentBytes: exchange.sentBytes,
    headMs: headTick === null ? undefined : duration(startedTick, headTick),
    totalMs: duration(startedTick, endTick),
    msg: ACCESS_MESSAGE,
  };
}

/**
 * Logs one line an exchange, of the same form as the logger's. It is made here, since that takes 0.7 µs where pino takes
 * 5 µs for a line of this length, and every exchange pays.
 * @param fields added to each line, such as the worker
 */
export function createAccessLog(destination: LogDestination, fields: object = {}): ExchangeSink {
  return {
    record: (exchange) => destination.write(`${JSON.stringify(Object.assign(accessLine(exchange), fields))}\n`),
  };
}
