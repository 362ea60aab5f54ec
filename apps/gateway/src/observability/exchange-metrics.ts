import type { ExchangeTallies } from "./exchange-tallies.ts";
import type { ScrapeRegistry, Series } from "./prometheus.ts";
import type { ByLabel, Count } from "./tally.ts";

function* pairs<A extends string, B extends string>(
  [a, b]: readonly [A, B],
  tallies: Iterable<readonly [string, ByLabel<string, Count>]>,
): Iterable<Series<A | B>> {
  for (const [first, inner] of tallies) {
    for (const [second, count] of inner) yield [{ [a]: first, [b]: second } as Record<A | B, string>, count.value];
  }
}

function routeMetrics(registry: ScrapeRegistry, { routes }: ExchangeTallies): void {
  registry.counter(
    {
      name: "headgate_requests_total",
      help: "Exchanges that ended.",
      labels: ["route", "method", "status", "cache"],
    },
    function* () {
      for (const [route, { requests }] of routes)
        for (const [method, results] of requests)
          for (const [cache, statuses] of results)
            for (const [status, { value }] of statuses) yield [{ route, method, status: String(status), cache }, value];
    },
  );
  registry.histogram(
    {
      name: "headgate_request_duration_seconds",
      help: "Time from the request's head to the response's last byte, by who made the client wait.",
      labels: ["route", "source"],
    },
    function* () {
      for (const [route, { durations }] of routes)
        for (const [source, distribution] of Object.entries(durations)) yield [{ route, source }, distribution];
    },
  );
  registry.counter(
    { name: "headgate_request_body_bytes_total", help: "Body bytes taken from clients.", labels: ["route"] },
    function* () {
      for (const [route, { requestBytes }] of routes) yield [{ route }, requestBytes];
    },
  );
  registry.counter(
    { name: "headgate_response_body_bytes_total", help: "Body bytes sent to clients.", labels: ["route"] },
    function* () {
      for (const [route, { responseBytes }] of routes) yield [{ route }, responseBytes];
    },
  );
}

function exchangeMetrics(registry: ScrapeRegistry, tallies: ExchangeTallies): void {
  registry.counter(
    { name: "headgate_exchange_outcomes_total", help: "How exchanges ended for the client.", labels: ["outcome"] },
    function* () {
      for (const [outcome, { value }] of tallies.outcomes) yield [{ outcome }, value];
    },
  );
  registry.counter(
    { name: "headgate_problems_total", help: "Problem responses that the gateway made itself.", labels: ["code"] },
    function* () {
      for (const [code, { value }] of tallies.problems) yield [{ code }, value];
    },
  );
  registry.counter(
    { name: "headgate_cache_results_total", help: "What the cache did, and why.", labels: ["result", "reason"] },
    () => pairs(["result", "reason"], tallies.cacheResults),
  );
  registry.counter(
    {
      name: "headgate_compression_bytes_total",
      help: "Body bytes before and after the gateway's own compression.",
      labels: ["coding", "stage"],
    },
    function* () {
      for (const [coding, { before, after }] of tallies.codings) {
        yield [{ coding, stage: "before" }, before];
        yield [{ coding, stage: "after" }, after];
      }
    },
  );
}

function assignmentMetrics(registry: ScrapeRegistry, { assignments }: ExchangeTallies): void {
  registry.counter(
    {
      name: "headgate_assignments_total",
      help: "Exchanges of routes that are split over pools, by the pool that they went to and why.",
      labels: ["route", "pool", "reason"],
    },
    function* () {
      for (const [route, pools] of assignments)
        for (const [pool, reasons] of pools)
          for (const [reason, { value }] of reasons) yield [{ route, pool, reason }, value];
    },
  );
}

function attemptMetrics(registry: ScrapeRegistry, tallies: ExchangeTallies): void {
  registry.counter(
    {
      name: "headgate_attempts_total",
      help: "Tries at a backend, by how they ended.",
      labels: ["pool", "backend", "outcome"],
    },
    function* () {
      for (const [pool, backends] of tallies.backends)
        for (const [backend, { outcomes }] of backends)
          for (const [outcome, { value }] of outcomes) yield [{ pool, backend, outcome }, value];
    },
  );
  registry.histogram(
    {
      name: "headgate_attempt_head_seconds",
      help: "Time from the start of an attempt to the backend's response head.",
      labels: ["pool", "backend"],
    },
    function* () {
      for (const [pool, backends] of tallies.backends)
        for (const [backend, { heads }] of backends) yield [{ pool, backend }, heads];
    },
  );
  registry.counter(
    {
      name: "headgate_retries_total",
      help: "Attempts after the first, by what failed before.",
      labels: ["pool", "reason"],
    },
    () => pairs(["pool", "reason"], tallies.retries),
  );
  registry.counter(
    {
      name: "headgate_hedges_total",
      help: "Attempts beside one that was slow, by how they ended.",
      labels: ["pool", "outcome"],
    },
    () => pairs(["pool", "outcome"], tallies.hedges),
  );
  registry.counter(
    {
      name: "headgate_retry_plans_total",
      help: "What the retry plan said after an attempt.",
      labels: ["pool", "plan"],
    },
    () => pairs(["pool", "plan"], tallies.retryPlans),
  );
}

/** The metrics that are counted from exchanges. */
export function registerExchangeMetrics(registry: ScrapeRegistry, tallies: ExchangeTallies): void {
  routeMetrics(registry, tallies);
  exchangeMetrics(registry, tallies);
  assignmentMetrics(registry, tallies);
  attemptMetrics(registry, tallies);
}
