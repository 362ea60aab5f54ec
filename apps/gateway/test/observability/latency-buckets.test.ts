import fc from "fast-check";
import { bucketMs, bucketOf, LATENCY_BUCKETS, quantileMs } from "../../src/observability/latency-buckets.ts";

function filled(...latencies: number[]): Uint32Array {
  const counts = new Uint32Array(LATENCY_BUCKETS);
  for (const latency of latencies) counts[bucketOf(latency)] = (counts[bucketOf(latency)] ?? 0) + 1;
  return counts;
}

test("a value read back from its bucket is off by 4.5 % at most", () => {
  fc.assert(
    fc.property(fc.double({ min: 0.06, max: 200_000, noNaN: true }), (latency) => {
      const read = bucketMs(bucketOf(latency));
      expect(Math.abs(read - latency) / latency).toBeLessThan(0.045);
    }),
  );
});

test("buckets grow with the value", () => {
  const value = fc.double({ min: 0, max: 1e9, noNaN: true });
  fc.assert(
    fc.property(value, value, (a, b) => {
      expect(bucketOf(Math.min(a, b))).toBeLessThanOrEqual(bucketOf(Math.max(a, b)));
    }),
  );
});

test.each([-1, 0, Number.NaN])("%p falls into the first bucket", (latency) => expect(bucketOf(latency)).toBe(0));

test("what takes for ever falls into the last bucket", () => {
  expect(bucketOf(1e12)).toBe(LATENCY_BUCKETS - 1);
  expect(bucketOf(Number.POSITIVE_INFINITY)).toBe(LATENCY_BUCKETS - 1);
});

describe("quantile", () => {
  test("of nothing is null", () => expect(quantileMs(filled(), 0.99)).toBeNull());

  test("of one value is that value", () => expect(quantileMs(filled(10), 0.01)).toBeCloseTo(10, 0));

  test("takes the nearest rank: one slow request in a hundred is not the p99, two are", () => {
    const fast = new Array<number>(99).fill(1);
    expect(quantileMs(filled(...fast, 500), 0.99)).toBeLessThan(1.1);
    expect(quantileMs(filled(...fast.slice(1), 500, 500), 0.99)).toBeGreaterThan(470);
  });

  test("of all is the largest", () => expect(quantileMs(filled(1, 2, 3, 800), 1)).toBeGreaterThan(760));
});
