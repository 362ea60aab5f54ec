import type { BackendStatus } from "../../src/control/control-plane.ts";
import type { ExchangeRecord } from "../../src/observability/exchange-record.ts";
import { createMetrics, type Metrics } from "../../src/observability/metrics.ts";
import { MirrorTallies } from "../../src/observability/mirror-tallies.ts";
import { REDIS, REFRESHES } from "../admin/client.ts";
import { aBackend, FakeControl } from "../admin/fake-control.ts";
import { anAttempt, anExchange } from "./records.ts";

function metricsOf(...backends: BackendStatus[]): { metrics: Metrics; control: FakeControl } {
  const control = new FakeControl(...(backends.length > 0 ? backends : [aBackend(8000), aBackend(8001)]));
  const cache = () => ({
    entries: 3,
    bytes: 4_096,
    evictions: 5,
    filling: 2,
    fillingBytes: 100,
    refreshes: REFRESHES,
    redis: REDIS,
  });
  const traffic = () => ({ inFlight: 2, connections: 7 });
  return {
    metrics: createMetrics({ control, cache, traffic, mirrored: new MirrorTallies(), version: "1.2.3" }),
    control,
  };
}

/** The lines of one metric, without its comments. */
async function linesOf(metrics: Metrics, name: string): Promise<string[]> {
  const text = await metrics.metrics();
  return text.split("\n").filter((line) => line.startsWith(name) && /^[ {]/.test(line.slice(name.length)));
}

async function after(name: string, ...exchanges: Partial<ExchangeRecord>[]): Promise<string[]> {
  const { metrics } = metricsOf();
  for (const exchange of exchanges) metrics.record(anExchange(exchange));
  return linesOf(metrics, name);
}

test("requests are counted by route, method, status and cache result", async () => {
  const lines = await after(
    "headgate_requests_total",
    {},
    {},
    { status: 502, cache: null },
    { method: "POST", route: null },
  );
  expect(lines).toEqual([
    'headgate_requests_total{route="/",method="GET",status="200",cache="MISS"} 2',
    'headgate_requests_total{route="/",method="GET",status="502",cache="none"} 1',
    'headgate_requests_total{route="none",method="POST",status="200",cache="MISS"} 1',
  ]);
});

test("methods that clients invent share one label", async () => {
  const lines = await after("headgate_requests_total", ...Array.from({ length: 50 }, (_, n) => ({ method: `M${n}` })));
  expect(lines).toEqual(['headgate_requests_total{route="/",method="OTHER",status="200",cache="MISS"} 50']);
});

test("reasons past sixty-four share one label", async () => {
  const records = Array.from({ length: 100 }, (_, n) => ({ cache: "BYPASS", cacheDetail: `reason ${n}` }));
  const lines = await after("headgate_cache_results_total", ...records);
  expect(lines).toHaveLength(65);
  expect(lines.at(-1)).toBe('headgate_cache_results_total{result="BYPASS",reason="other"} 36');
});

test("a metric with a hostile label stays readable", async () => {
  const [line] = await after("headgate_cache_results_total", { cacheDetail: 'a"b\\c\nd' });
  expect(line).toBe('headgate_cache_results_total{result="MISS",reason="a\\"b\\\\c\\nd"} 1');
});

describe("latency", () => {
  test("is a histogram in seconds with cumulated buckets", async () => {
    const { metrics } = metricsOf();
    for (const ms of [0.05, 3, 3, 80, 90_000]) metrics.record(anExchange({ startedTick: 1_000, endTick: 1_000 + ms }));
    const buckets = await linesOf(metrics, "headgate_request_duration_seconds_bucket");
    const upstream = buckets.filter((line) => line.includes('source="upstream"'));
    const at = (le: string): string | undefined => upstream.find((line) => line.includes(`le="${le}"`))?.split(" ")[1];
    expect([at("0.0001"), at("0.0025"), at("0.005"), at("0.1"), at("60"), at("+Inf")]).toEqual([
      "1",
      "1",
      "3",
      "4",
      "4",
      "5",
    ]);
    const [sum] = await linesOf(metrics, 'headgate_request_duration_seconds_sum{route="/",source="upstream"}');
    expect(Number(sum?.split(" ")[1])).toBeCloseTo(90.08605, 5);
    expect(await linesOf(metrics, 'headgate_request_duration_seconds_count{route="/",source="upstream"}')).toEqual([
      'headgate_request_duration_seconds_count{route="/",source="upstream"} 5',
    ]);
  });

  test("a value on a bound belongs to that bucket", async () => {
    const { metrics } = metricsOf();
    metrics.record(anExchange({ startedTick: 0, endTick: 5 }));
    const text = await metrics.metrics();
    expect(text).toContain('headgate_request_duration_seconds_bucket{le="0.005",route="/",source="upstream"} 1');
    expect(text).toContain('headgate_request_duration_seconds_bucket{le="0.0025",route="/",source="upstream"} 0');
  });

  test.each([
    ["a hit", { cache: "HIT", attempts: [] }, "cache"],
    ["a stale answer", { cache: "STALE", attempts: [] }, "cache"],
    ["a miss", { cache: "MISS" }, "upstream"],
    ["a miss that joined another", { cache: "MISS", attempts: [] }, "upstream"],
    ["a revalidation", { cache: "REVALIDATED" }, "upstream"],
    ["a 401", { problem: "missing-credential", attempts: [], backend: null }, "gateway"],
    ["a 502 after attempts", { problem: "upstream-refused" }, "gateway"],
    ["the gateway's own 304", { cache: null, attempts: [], backend: null }, "gateway"],
  ])("%s is told as waiting for the %s", async (_, changes, source) => {
    const lines = await after("headgate_request_duration_seconds_count", changes as Partial<ExchangeRecord>);
    expect(lines.filter((line) => line.endsWith(" 1"))).toEqual([
      `headgate_request_duration_seconds_count{route="/",source="${source}"} 1`,
    ]);
  });
});

test("bytes in and out are added up by route", async () => {
  const { metrics } = metricsOf();
  metrics.record(anExchange({ requestBytes: 10, sentBytes: 1_000 }));
  metrics.record(anExchange({ requestBytes: 5, sentBytes: 0 }));
  expect(await linesOf(metrics, "headgate_request_body_bytes_total")).toEqual([
    'headgate_request_body_bytes_total{route="/"} 15',
  ]);
  expect(await linesOf(metrics, "headgate_response_body_bytes_total")).toEqual([
    'headgate_response_body_bytes_total{route="/"} 1000',
  ]);
});

test("bytes before and after compression are added up by coding", async () => {
  const lines = await after(
    "headgate_compression_bytes_total",
    {},
    { encoding: "br", bodyBytes: 5_000, sentBytes: 900 },
  );
  expect(lines).toEqual([
    'headgate_compression_bytes_total{coding="br",stage="before"} 5000',
    'headgate_compression_bytes_total{coding="br",stage="after"} 900',
  ]);
});

test("attempts are counted by backend and outcome, retries by what failed before", async () => {
  const { metrics } = metricsOf();
  const refused = anAttempt({ outcome: "refused", headAt: null, status: null, retry: "unsent" });
  metrics.record(anExchange({ attempts: [refused, anAttempt({ backend: "127.0.0.1:8001" })] }));
  metrics.record(anExchange());
  expect(await linesOf(metrics, "headgate_attempts_total")).toEqual([
    'headgate_attempts_total{pool="default",backend="127.0.0.1:8000",outcome="refused"} 1',
    'headgate_attempts_total{pool="default",backend="127.0.0.1:8000",outcome="ok"} 1',
    'headgate_attempts_total{pool="default",backend="127.0.0.1:8001",outcome="ok"} 1',
  ]);
  expect(await linesOf(metrics, "headgate_retries_total")).toEqual([
    'headgate_retries_total{pool="default",reason="refused"} 1',
  ]);
  expect(await linesOf(metrics, "headgate_retry_plans_total")).toEqual([
    'headgate_retry_plans_total{pool="default",plan="unsent"} 1',
  ]);
  expect(await linesOf(metrics, "headgate_attempt_head_seconds_count")).toEqual([
    'headgate_attempt_head_seconds_count{pool="default",backend="127.0.0.1:8000"} 1',
    'headgate_attempt_head_seconds_count{pool="default",backend="127.0.0.1:8001"} 1',
  ]);
});

test("hedges are counted by how they ended, and are no retries", async () => {
  const { metrics } = metricsOf();
  const slow = anAttempt({ outcome: "hedge-lost" });
  metrics.record(anExchange({ attempts: [slow, anAttempt({ hedge: true })] }));
  metrics.record(anExchange({ attempts: [anAttempt(), anAttempt({ outcome: "hedge-lost", hedge: true })] }));
  expect(await linesOf(metrics, "headgate_hedges_total")).toEqual([
    'headgate_hedges_total{pool="default",outcome="ok"} 1',
    'headgate_hedges_total{pool="default",outcome="hedge-lost"} 1',
  ]);
  expect(await linesOf(metrics, "headgate_retries_total")).toEqual([]);
});

test("problems and outcomes are counted", async () => {
  const { metrics } = metricsOf();
  metrics.record(anExchange({ problem: "no-route", status: 404 }));
  metrics.record(anExchange({ outcome: "client-gone" }));
  expect(await linesOf(metrics, "headgate_problems_total")).toEqual(['headgate_problems_total{code="no-route"} 1']);
  expect(await linesOf(metrics, "headgate_exchange_outcomes_total")).toEqual([
    'headgate_exchange_outcomes_total{outcome="complete"} 1',
    'headgate_exchange_outcomes_total{outcome="client-gone"} 1',
  ]);
});

test("what finds backends is shown with its faults", async () => {
  const { metrics, control } = metricsOf();
  const [pool] = control.pools();
  if (pool === undefined) throw new Error("no pool");
  const dns = { source: "dns" as const, fault: "A api.internal: no such name", faults: 3, pending: false };
  control.pools = () => [{ ...pool, discovery: [{ ...dns, source: "file", fault: null, faults: 0 }, dns] }];
  expect(await linesOf(metrics, "headgate_discovery_ok")).toEqual([
    'headgate_discovery_ok{pool="default",source="file"} 1',
    'headgate_discovery_ok{pool="default",source="dns"} 0',
  ]);
  expect(await linesOf(metrics, "headgate_discovery_faults_total")).toEqual([
    'headgate_discovery_faults_total{pool="default",source="file"} 0',
    'headgate_discovery_faults_total{pool="default",source="dns"} 3',
  ]);
});

test("pools are shown with policy, limit, queue and breaker, and why backends are put aside", async () => {
  const { metrics, control } = metricsOf();
  const ejection = { reason: "consecutive-5xx" as const, at: 0, until: 1000, times: 1 };
  control.change("default", "127.0.0.1:8001", { ejected: true, ejection });
  control.change("default", "127.0.0.1:8000", { ejected: true });
  const [pool] = control.pools();
  if (pool === undefined) throw new Error("no pool");
  control.pools = () => [
    {
      ...pool,
      balancing: "peak-ewma",
      sticky: "hg",
      budgetLeft: 7,
      active: 4,
      limit: 5,
      waiting: 2,
      breaker: "open",
      panic: true,
    },
    { ...pool, name: "plain", backends: [] },
  ];
  const text = (await metrics.metrics()).split("\n").filter((line) => /^headgate_(pool|backend_ejection)/.test(line));
  expect(text).toEqual([
    'headgate_pool_info{pool="default",policy="peak-ewma"} 1',
    'headgate_pool_info{pool="plain",policy="round-robin"} 1',
    'headgate_pool_breaker_state{pool="default",state="closed"} 0',
    'headgate_pool_breaker_state{pool="default",state="open"} 1',
    'headgate_pool_breaker_state{pool="default",state="half-open"} 0',
    'headgate_pool_active{pool="default"} 4',
    'headgate_pool_active{pool="plain"} 0',
    'headgate_pool_limit{pool="default"} 5',
    'headgate_pool_waiting{pool="default"} 2',
    'headgate_pool_waiting{pool="plain"} 0',
    'headgate_pool_retry_budget{pool="default"} 7',
    'headgate_pool_retry_budget{pool="plain"} 100',
    'headgate_pool_sticky{pool="default"} 1',
    'headgate_pool_sticky{pool="plain"} 0',
    'headgate_pool_panic{pool="default"} 1',
    'headgate_pool_panic{pool="plain"} 0',
    'headgate_backend_ejection{pool="default",backend="127.0.0.1:8000",reason="refused"} 1',
    'headgate_backend_ejection{pool="default",backend="127.0.0.1:8001",reason="consecutive-5xx"} 1',
  ]);
});

test("of each backend there is what its policy goes by, and until when it is put aside", async () => {
  const { metrics, control } = metricsOf();
  control.change("default", "127.0.0.1:8001", {
    ...{ weight: 4, effectiveWeight: 1.5, latency: 12, load: { cpu: 0.25, requestRate: 90 } },
    ejection: { reason: "latency", at: 0, until: 90_000, times: 1 },
  });
  const at = (backend: string): string => `{pool="default",backend="127.0.0.1:${backend}"`;
  expect(await linesOf(metrics, "headgate_backend_effective_weight")).toEqual([
    `headgate_backend_effective_weight${at("8000")}} 1`,
    `headgate_backend_effective_weight${at("8001")}} 1.5`,
  ]);
  expect(await linesOf(metrics, "headgate_backend_ewma_seconds")).toEqual([
    `headgate_backend_ewma_seconds${at("8001")}} 0.012`,
  ]);
  expect(await linesOf(metrics, "headgate_backend_load")).toEqual([
    `headgate_backend_load${at("8001")},kind="cpu"} 0.25`,
  ]);
  expect(await linesOf(metrics, "headgate_backend_ejected_until_timestamp_seconds")).toEqual([
    `headgate_backend_ejected_until_timestamp_seconds${at("8001")}} 90`,
  ]);
});

test("validations in the background are counted by how they ended", async () => {
  const { metrics } = metricsOf();
  const name = "headgate_cache_background_revalidations_total";
  expect(await linesOf(metrics, name)).toEqual(
    Object.entries(REFRESHES).map(([outcome, count]) => `${name}{outcome="${outcome}"} ${count}`),
  );
});

test("backends are shown as the control plane has them when it is asked", async () => {
  const { metrics, control } = metricsOf();
  control.change("default", "127.0.0.1:8001", {
    state: "UNREACHABLE",
    ejected: true,
    failures: 4,
    active: 2,
    weight: 3,
    lastHealthy: null,
  });
  const text = await metrics.metrics();
  for (const line of [
    'headgate_backend_state{pool="default",backend="127.0.0.1:8000",state="HEALTHY"} 1',
    'headgate_backend_state{pool="default",backend="127.0.0.1:8001",state="HEALTHY"} 0',
    'headgate_backend_state{pool="default",backend="127.0.0.1:8001",state="UNREACHABLE"} 1',
    'headgate_backend_ejected{pool="default",backend="127.0.0.1:8001"} 1',
    'headgate_backend_draining{pool="default",backend="127.0.0.1:8001"} 0',
    'headgate_backend_failures{pool="default",backend="127.0.0.1:8001"} 4',
    'headgate_backend_active{pool="default",backend="127.0.0.1:8001"} 2',
    'headgate_backend_weight{pool="default",backend="127.0.0.1:8001"} 3',
    'headgate_backend_last_healthy_timestamp_seconds{pool="default",backend="127.0.0.1:8001"} 0',
    'headgate_backend_last_healthy_timestamp_seconds{pool="default",backend="127.0.0.1:8000"} 1767357296',
  ]) {
    expect(text.split("\n")).toContain(line);
  }
});

test("a backend that left its pool leaves the metrics, with its counts", async () => {
  const { metrics, control } = metricsOf();
  metrics.record(anExchange());
  expect(await metrics.metrics()).toContain('backend="127.0.0.1:8000"');
  control.removeBackend("default", "127.0.0.1:8000");
  expect(await metrics.metrics()).not.toContain('backend="127.0.0.1:8000"');
});

test("cache, readiness, reload and version are told", async () => {
  const { metrics, control } = metricsOf();
  control.ready = { ready: false, reasons: ["no backend"] };
  control.failedReload = "bad";
  const lines = (await metrics.metrics()).split("\n");
  for (const line of [
    "headgate_cache_entries 3",
    "headgate_cache_bytes 4096",
    "headgate_cache_evictions_total 5",
    "headgate_cache_fills_active 2",
    "headgate_cache_fill_bytes 100",
    "headgate_cache_redis_up 0",
    "headgate_cache_redis_writable 0",
    "headgate_cache_redis_subscribed 0",
    "headgate_cache_redis_pending_writes 2",
    "headgate_cache_redis_pending_write_bytes 300",
    "headgate_cache_redis_owed_purges 1",
    "headgate_cache_redis_commands_total 9",
    "headgate_cache_redis_hits_total 3",
    "headgate_cache_redis_misses_total 1",
    "headgate_cache_redis_unreadable_total 0",
    "headgate_cache_redis_dropped_writes_total 4",
    'headgate_cache_redis_failures_total{reason="timeout"} 5',
    'headgate_cache_redis_failures_total{reason="down"} 20',
    "headgate_ready 0",
    "headgate_config_reload_ok 0",
    "headgate_exchanges_active 2",
    "headgate_connections_active 7",
    'headgate_build_info{version="1.2.3"} 1',
  ]) {
    expect(lines).toContain(line);
  }
});

test("a gateway without a cache shows none", async () => {
  const metrics = createMetrics({
    control: new FakeControl(),
    cache: null,
    traffic: () => ({ inFlight: 0, connections: 0 }),
    mirrored: new MirrorTallies(),
    version: "1",
  });
  expect(await metrics.metrics()).not.toContain("headgate_cache_entries");
});

test("every metric has help and a type, also of the process; two gateways do not share a registry", async () => {
  const { metrics } = metricsOf();
  const text = await metrics.metrics();
  const typed = new Set(
    Array.from(text.matchAll(/^# TYPE (\S+) (?:counter|gauge|histogram|summary)$/gm), ([, name]) => name),
  );
  const helped = new Set(Array.from(text.matchAll(/^# HELP (\S+) \S/gm), ([, name]) => name));
  expect(typed).toEqual(helped);
  expect(text).toContain("# TYPE headgate_request_duration_seconds histogram");
  expect(text).toContain("process_cpu_user_seconds_total");
  expect(await metricsOf().metrics.metrics()).toContain("headgate_ready 1");
});

test("numbers do not grow by being read", async () => {
  const { metrics } = metricsOf();
  metrics.record(anExchange());
  await metrics.metrics();
  expect(await linesOf(metrics, "headgate_requests_total")).toEqual([
    'headgate_requests_total{route="/",method="GET",status="200",cache="MISS"} 1',
  ]);
});

test("copies of requests and assignments to the pools of a split are counted", async () => {
  const mirrored = new MirrorTallies();
  for (const outcome of ["2xx", "busy", "2xx"]) mirrored.count("shadow", outcome);
  const traffic = () => ({ inFlight: 0, connections: 0 });
  const metrics = createMetrics({ control: new FakeControl(), cache: null, traffic, mirrored, version: "1" });
  for (const poolWhy of ["cookie", "draw-new", "cookie", null])
    metrics.record(anExchange({ route: "/", pool: "canary", poolWhy }));
  const lines = (await metrics.metrics()).split("\n");
  expect(lines).toEqual(
    expect.arrayContaining([
      'headgate_mirrored_total{pool="shadow",outcome="2xx"} 2',
      'headgate_mirrored_total{pool="shadow",outcome="busy"} 1',
      'headgate_assignments_total{route="/",pool="canary",reason="cookie"} 2',
      'headgate_assignments_total{route="/",pool="canary",reason="draw-new"} 1',
    ]),
  );
});
