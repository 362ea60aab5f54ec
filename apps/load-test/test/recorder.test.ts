import { createHistogram } from "../src/load/histogram.ts";
import { createRecorder } from "../src/load/recorder.ts";
import { createTally } from "../src/load/tally.ts";

const ok = { status: 200, bytes: 10, cache: undefined, backend: undefined };

test("a histogram's percentiles are within a thousandth of the exact ones", () => {
  const histogram = createHistogram();
  for (let ms = 1; ms <= 1000; ms += 1) histogram.record(ms);
  const { min, max, mean, percentiles } = histogram.summary() ?? { percentiles: {} as Record<string, number> };
  expect([min, max]).toEqual([1, expect.closeTo(1000, 0)]);
  expect(mean).toBeCloseTo(500.5, 0);
  for (const [name, exact] of [
    ["p50", 500],
    ["p90", 900],
    ["p99", 990],
    ["p99.9", 999],
  ] as const) {
    expect(Math.abs((percentiles[name] ?? 0) - exact)).toBeLessThanOrEqual(exact / 1000);
  }
});

test("a histogram keeps microseconds, and no percentile lies above the largest", () => {
  const histogram = createHistogram();
  histogram.record(0.0001);
  histogram.record(27.986);
  expect(histogram.summary()).toMatchObject({ min: 0.001, max: 27.986, percentiles: { "p99.99": 27.986 } });
  histogram.reset();
  expect([histogram.summary(), histogram.at(50)]).toEqual([null, null]);
});

test("a tally is bounded by names", () => {
  const tally = createTally(2);
  for (const name of ["b", "a", "c", "a", "d"]) tally.add(name);
  expect(tally.counts()).toEqual({ a: 2, b: 1, other: 2 });
  expect(Object.keys(tally.counts())).toEqual(["a", "b", "other"]);
});

test("latency runs from when a request was due, service time from when it was sent", () => {
  const recorder = createRecorder();
  recorder.sent(500);
  recorder.answered(ok, { due: 100, sent: 500 }, 600);
  const { latency, serviceTime } = recorder.measured();
  expect([latency?.max, serviceTime?.max]).toEqual([expect.closeTo(500, 0), expect.closeTo(100, 0)]);
});

test("a time-out and a request that was never sent count with the time they waited, a refusal does not", () => {
  const recorder = createRecorder();
  for (const now of [0, 1]) recorder.sent(now);
  recorder.failed("ECONNREFUSED", { due: 0, sent: 0 }, 1);
  expect(recorder.measured().latency).toBeNull();
  recorder.failed("timeout", { due: 0, sent: 1 }, 2000);
  recorder.unsent(1000, 4000);
  const { latency, serviceTime, errors, requests } = recorder.measured();
  expect([latency?.max, serviceTime?.max]).toEqual([expect.closeTo(3000, -1), expect.closeTo(1999, -1)]);
  expect(errors).toEqual({ ECONNREFUSED: 1, timeout: 1 });
  expect(requests).toEqual({ sent: 2, answered: 0, failed: 2, unsent: 1, unfinished: 0, bytesReceived: 0 });
});

test("cache results, backends and statuses are counted; the hit ratio is over answers that tell", () => {
  const recorder = createRecorder();
  const answers = [
    { ...ok, cache: "HIT", backend: "a:1" },
    { ...ok, cache: "STALE", backend: "a:1" },
    { ...ok, cache: "MISS", backend: "b:2" },
    { ...ok, cache: "REVALIDATED" },
    { ...ok, status: 502 },
  ];
  for (const answer of answers) {
    recorder.sent(0);
    recorder.answered(answer, { due: 0, sent: 0 }, 1);
  }
  expect(recorder.measured()).toMatchObject({
    cache: { results: { HIT: 1, MISS: 1, REVALIDATED: 1, STALE: 1 }, hitRatio: 0.5 },
    backends: { "a:1": 2, "b:2": 1 },
    statuses: { 200: 4, 502: 1 },
    requests: { bytesReceived: 50 },
  });
});

test("no X-Cache is no ratio", () => {
  expect(createRecorder().measured().cache).toBeNull();
});

test("the series has every second, with percentiles of its own", () => {
  const recorder = createRecorder();
  recorder.sent(10);
  recorder.answered(ok, { due: 10, sent: 10 }, 30);
  recorder.sent(2500);
  recorder.failed("ECONNRESET", { due: 2500, sent: 2500 }, 2600);
  const p20 = expect.closeTo(20, 1);
  expect(recorder.measured().series).toEqual([
    { second: 0, sent: 1, answered: 1, failed: 0, p50: p20, p99: p20 },
    { second: 1, sent: 0, answered: 0, failed: 0, p50: null, p99: null },
    { second: 2, sent: 1, answered: 0, failed: 1, p50: null, p99: null },
  ]);
  expect(recorder.lastSent()).toBe(2500);
  expect(recorder.progress()).toMatchObject({ sent: 2, answered: 1, failed: 1 });
});
