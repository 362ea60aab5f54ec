import { hitRatio, LiveStats, liveBackend } from "../../src/observability/live-stats.ts";
import { anAttempt, anExchange } from "./records.ts";

/** Records `perSecond` exchanges a second, evenly, from one moment to another. */
function load(stats: LiveStats, perSecond: number, from: number, to: number, backend = "127.0.0.1:8000"): void {
  const step = 1000 / perSecond;
  for (let end = from + step / 2; end < to; end += step) {
    const attempts = [anAttempt({ backend, startedAt: end - 6, headAt: end - 2 })];
    stats.record(anExchange({ startedTick: end - 8, endTick: end, attempts }));
  }
}

test("a gateway that did nothing has nothing to tell", () => {
  const snapshot = new LiveStats(0).snapshot(60_000);
  expect(snapshot).toMatchObject({ perSecond: 0, p99: null, requests: 0, errors: 0 });
  expect(snapshot.backends.size).toBe(0);
  expect(hitRatio(snapshot)).toBeNull();
  expect(liveBackend(snapshot, "default", "127.0.0.1:8000")).toEqual({ perSecond: 0, p99: null });
});

test.each([
  ["after two seconds", 2_000],
  ["after a full window", 10_000],
  ["in the middle of a second", 31_700],
  ["after a long time", 3_600_000],
])("a steady rate reads as what it is %s", (_, now) => {
  const stats = new LiveStats(0);
  load(stats, 25, 0, now);
  const snapshot = stats.snapshot(now);
  expect(snapshot.perSecond).toBeCloseTo(25, 0);
  expect(liveBackend(snapshot, "default", "127.0.0.1:8000").perSecond).toBeCloseTo(25, 0);
  expect(snapshot.requests).toBe(Math.floor((25 * now) / 1000));
});

test("a single early request does not read as a high rate", () => {
  const stats = new LiveStats(0);
  stats.record(anExchange({ endTick: 10 }));
  expect(stats.snapshot(11).perSecond).toBe(1);
});

test("a load that ended fades out over ten seconds and its backend is forgotten, the totals stay", () => {
  const stats = new LiveStats(0);
  load(stats, 100, 50_000, 60_000);
  expect(stats.snapshot(60_000).perSecond).toBeCloseTo(100, -1);
  expect(stats.snapshot(65_900).perSecond).toBeCloseTo(40, -1);
  const after = stats.snapshot(70_000);
  expect(after).toMatchObject({ perSecond: 0, p99: null, requests: 1000 });
  expect(after.backends.size).toBe(0);
});

test("p99 is the time to the backend's head for a backend, the whole exchange for the gateway", () => {
  const stats = new LiveStats(0);
  load(stats, 50, 0, 4_000);
  const snapshot = stats.snapshot(4_000);
  expect(liveBackend(snapshot, "default", "127.0.0.1:8000").p99).toBeCloseTo(4, 0);
  expect(snapshot.p99).toBeCloseTo(8, 0);
});

test("p99 follows the last ten seconds alone", () => {
  const stats = new LiveStats(0);
  stats.record(anExchange({ attempts: [anAttempt({ startedAt: 0, headAt: 900 })], endTick: 1_000 }));
  stats.record(anExchange({ attempts: [anAttempt({ startedAt: 14_000, headAt: 14_003 })], endTick: 14_004 }));
  expect(liveBackend(stats.snapshot(14_010), "default", "127.0.0.1:8000").p99).toBeCloseTo(3, 0);
});

test("every attempt counts for its own backend, one without a head has no latency", () => {
  const stats = new LiveStats(0);
  const attempts = [anAttempt({ headAt: null, outcome: "refused" }), anAttempt({ backend: "127.0.0.1:8001" })];
  stats.record(anExchange({ attempts, endTick: 1_010 }));
  const snapshot = stats.snapshot(2_000);
  expect(liveBackend(snapshot, "default", "127.0.0.1:8000")).toEqual({ perSecond: 0.5, p99: null });
  expect(liveBackend(snapshot, "default", "127.0.0.1:8001").p99).toBeCloseTo(4, 0);
  expect(snapshot.requests).toBe(1);
});

test("the same address in two pools is two backends", () => {
  const stats = new LiveStats(0);
  stats.record(anExchange({ pool: "a" }));
  const snapshot = stats.snapshot(2_000);
  expect(liveBackend(snapshot, "a", "127.0.0.1:8000").perSecond).toBeGreaterThan(0);
  expect(liveBackend(snapshot, "b", "127.0.0.1:8000").perSecond).toBe(0);
});

test.each([
  ["HIT", 1, 1],
  ["STALE", 1, 1],
  ["MISS", 1, 0],
  ["REVALIDATED", 1, 0],
  ["BYPASS", 0, 0],
  [null, 0, 0],
] as const)("cache result %s", (cache, cacheLookups, cacheHits) => {
  const stats = new LiveStats(0);
  stats.record(anExchange({ cache }));
  expect(stats.snapshot(2_000)).toMatchObject({ cacheLookups, cacheHits });
});

test("the hit ratio is hits among lookups", () => {
  const stats = new LiveStats(0);
  for (const cache of ["HIT", "HIT", "HIT", "MISS", "BYPASS"]) stats.record(anExchange({ cache }));
  expect(hitRatio(stats.snapshot(2_000))).toBe(0.75);
});

test("5xx answers and broken exchanges are errors; refusals and clients that leave are not", () => {
  const stats = new LiveStats(0);
  stats.record(anExchange({ status: 502 }));
  stats.record(anExchange({ status: 200, outcome: "broken-off" }));
  stats.record(anExchange({ status: 404 }));
  stats.record(anExchange({ status: 200, outcome: "client-gone" }));
  expect(stats.snapshot(2_000)).toMatchObject({ errors: 2, requests: 4 });
});

test("memory is bounded: backends past 4096 wait until idle ones are forgotten", () => {
  const stats = new LiveStats(0);
  const attempts = Array.from({ length: 4_100 }, (_, index) => anAttempt({ backend: `10.0.0.1:${index}` }));
  stats.record(anExchange({ attempts, endTick: 1_010 }));
  expect(stats.snapshot(1_020).backends.get("default")?.size).toBe(4_096);
  stats.snapshot(30_000);
  stats.record(anExchange({ attempts: [anAttempt({ backend: "10.0.0.2:80" })], endTick: 30_500 }));
  expect([...(stats.snapshot(31_000).backends.get("default")?.keys() ?? [])]).toEqual(["10.0.0.2:80"]);
});
