import type { ExchangeRecord, ExchangeSink } from "./exchange-record.ts";
import { ByLabel, Count, Distribution } from "./tally.ts";

/** Who the client waited for. */
export type AnswerSource = "cache" | "upstream" | "gateway";

const METHODS: ReadonlySet<string> = new Set([
  ...["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
  ...["OPTIONS", "TRACE", "CONNECT", "QUERY"],
]);

/** A method as a label: clients may send any token, a metric has room for the known ones. */
export function methodLabel(method: string): string {
  return METHODS.has(method) ? method : "OTHER";
}

/** The gateway's own answers are told by their problem code; a collapsed miss made no attempt but waited for one. */
export function answerSource({ problem, attempts, cache, backend }: ExchangeRecord): AnswerSource {
  if (problem !== null) return "gateway";
  if (attempts.length > 0) return "upstream";
  if (cache === "HIT" || cache === "STALE") return "cache";
  return backend === null ? "gateway" : "upstream";
}

const counts = (): ByLabel<string, Count> => new ByLabel(() => new Count(), 64, "other");

/** What is counted for a route. */
export class RouteTally {
  /** By method, cache result and status. */
  readonly requests = new ByLabel(
    () => new ByLabel(() => new ByLabel(() => new Count(), 1000, 0), 8, "other"),
    METHODS.size,
    "OTHER",
  );
  readonly durations: Readonly<Record<AnswerSource, Distribution>> = {
    cache: new Distribution(),
    upstream: new Distribution(),
    gateway: new Distribution(),
  };
  requestBytes = 0;
  responseBytes = 0;
}

/** What is counted for a backend. */
export class BackendTally {
  readonly outcomes = counts();
  /** Time to the response head. */
  readonly heads = new Distribution();
}

/** How often the cache did one thing for one reason. */
export interface CacheResult {
  /** X-Cache. */
  readonly result: string;
  /** Empty for a hit. */
  readonly reason: string;
  readonly count: number;
}

/** Body bytes before and after a coding was applied. */
export class CodingTally {
  before = 0;
  after = 0;
}

/**
 * Everything that is counted from exchanges, as plain numbers: the metrics registry builds a string for each of its
 * operations, which is too dear for each exchange, so it reads these when it is scraped.
 */
export class ExchangeTallies implements ExchangeSink {
  readonly routes = new ByLabel(() => new RouteTally(), 1000, "other");
  /** By pool and backend. */
  readonly backends = new ByLabel(() => new ByLabel(() => new BackendTally(), 4096, "other"), 1000, "other");
  /** By pool and the outcome of the attempt before. */
  readonly retries = new ByLabel(counts, 1000, "other");
  /** By pool and how they ended. */
  readonly hedges = new ByLabel(counts, 1000, "other");
  /** By pool and what the retry plan said. */
  readonly retryPlans = new ByLabel(counts, 1000, "other");
  /** By cache result and reason. */
  readonly cacheResults = new ByLabel(counts, 8, "other");
  /** By route, pool and why it was chosen. */
  readonly assignments = new ByLabel(() => new ByLabel(counts, 1000, "other"), 1000, "other");
  readonly problems = counts();
  readonly outcomes = counts();
  readonly codings = new ByLabel(() => new CodingTally(), 8, "other");

  record(exchange: ExchangeRecord): void {
    const route = this.routes.at(exchange.route ?? "none");
    const cache = exchange.cache ?? "none";
    route.requests.at(methodLabel(exchange.method)).at(cache).at(exchange.status).value++;
    route.durations[answerSource(exchange)].observe((exchange.endTick - exchange.startedTick) / 1000);
    route.requestBytes += exchange.requestBytes;
    route.responseBytes += exchange.sentBytes;
    this.outcomes.at(exchange.outcome).value++;
    if (exchange.cache !== null) this.cacheResults.at(cache).at(exchange.cacheDetail ?? "").value++;
    if (exchange.problem !== null) this.problems.at(exchange.problem).value++;
    if (exchange.encoding !== null) this.#compressed(exchange.encoding, exchange);
    if (exchange.poolWhy !== null) {
      const { route: name, pool, poolWhy } = exchange;
      this.assignments
        .at(name ?? "none")
        .at(pool ?? "none")
        .at(poolWhy).value++;
    }
    if (exchange.attempts.length > 0) this.#attempts(exchange);
  }

  /** What the cache did and why, the most frequent first. */
  cacheResultList(): CacheResult[] {
    const list = [...this.cacheResults].flatMap(([result, reasons]) =>
      Array.from(reasons, ([reason, { value }]) => ({ result, reason, count: value })),
    );
    return list.sort((a, b) => b.count - a.count);
  }

  #compressed(coding: string, { bodyBytes, sentBytes }: ExchangeRecord): void {
    const tally = this.codings.at(coding);
    tally.before += bodyBytes;
    tally.after += sentBytes;
  }

  #attempts(exchange: ExchangeRecord): void {
    const pool = exchange.pool ?? "none";
    const backends = this.backends.at(pool);
    let failure: string | null = null;
    for (const attempt of exchange.attempts) {
      const tally = backends.at(attempt.backend);
      tally.outcomes.at(attempt.outcome).value++;
      if (attempt.headAt !== null) tally.heads.observe((attempt.headAt - attempt.startedAt) / 1000);
      if (attempt.hedge) this.hedges.at(pool).at(attempt.outcome).value++;
      else if (failure !== null) this.retries.at(pool).at(failure).value++;
      if (attempt.retry !== null) this.retryPlans.at(pool).at(attempt.retry).value++;
      failure = attempt.outcome;
    }
  }
}
