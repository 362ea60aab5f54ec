import { forAll, seededRandom } from "@headgate/testing";
import * as fc from "fast-check";
import { attemptTimeout } from "../src/retry/attempt-timeout.ts";
import { LatencyQuantile } from "../src/retry/latency-quantile.ts";
import { planHedge } from "../src/retry/plan-hedge.ts";

function known(count: number, latency = 20): LatencyQuantile {
  const latencies = new LatencyQuantile();
  for (let i = 0; i < count; i++) latencies.add(latency, 0);
  return latencies;
}

const input = { method: "GET", replayable: true, latencies: known(100), others: 1, now: 0 };

describe("planHedge", () => {
  test("after the live p95, to within a tenth", () => {
    const plan = planHedge(input);
    expect(plan.kind).toBe("hedge");
    if (plan.kind === "hedge") expect(Math.abs(plan.after - 20)).toBeLessThan(2.1);
  });

  test.each([
    [{ method: "POST" }, "not-idempotent"],
    [{ replayable: false }, "body-not-replayable"],
    [{ others: 0 }, "no-other-backend"],
    [{ latencies: known(99) }, "too-little-known"],
    [{ deadline: 15 }, "deadline"],
  ] as const)("not with %j", (more, reason) => {
    expect(planHedge({ ...input, ...more })).toEqual({ kind: "single", reason });
  });

  test("never at once, however fast the backends are", () => {
    expect(planHedge({ ...input, latencies: known(100, 0.1) })).toEqual({ kind: "hedge", after: 2 });
  });
});

describe("LatencyQuantile", () => {
  test("is right to a tenth", () => {
    const values = fc.array(fc.integer({ min: 1, max: 60_000 }), { minLength: 1, maxLength: 300 });
    forAll(values, fc.constantFrom(0.5, 0.9, 0.95, 0.99, 1), (list, share) => {
      const quantile = new LatencyQuantile();
      for (const value of list) quantile.add(value, 0);
      const exact = list.sort((a, b) => a - b)[Math.ceil(share * list.length) - 1] ?? 0;
      const told = quantile.at(share, 0) ?? 0;
      expect(told).toBeGreaterThanOrEqual(exact * 0.999);
      expect(told).toBeLessThanOrEqual(exact * 1.101);
    });
  });

  test("looks back on one to two windows", () => {
    const quantile = new LatencyQuantile(1000);
    expect(quantile.at(0.5, 0)).toBeUndefined();
    quantile.add(10, 500);
    quantile.add(10, 1200);
    expect(quantile.count(1500)).toBe(2);
    expect(quantile.count(2300)).toBe(1);
    expect(quantile.count(3500)).toBe(0);
    quantile.add(10, 3600);
    expect(quantile.count(9000)).toBe(0);
  });

  test("an hour and more go into the last bucket", () => {
    const quantile = new LatencyQuantile();
    quantile.add(1e9, 0);
    expect(quantile.at(1, 0)).toBeGreaterThan(3_000_000);
  });

  test("moves with the times", () => {
    const random = seededRandom(1);
    const quantile = new LatencyQuantile(1000);
    for (let now = 0; now < 3000; now++) quantile.add(10 + random(), now);
    for (let now = 3000; now < 6000; now++) quantile.add(100 + random(), now);
    expect(quantile.at(0.05, 6000)).toBeGreaterThan(90);
  });
});

test.each([
  [{ head: 30_000 }, { after: 30_000, kind: "head" }],
  [
    { head: 30_000, perTry: 10_000 },
    { after: 10_000, kind: "per-try" },
  ],
  [
    { head: 5000, perTry: 10_000 },
    { after: 5000, kind: "head" },
  ],
  [
    { head: 30_000, perTry: 10_000, deadline: 4000 },
    { after: 3000, kind: "total" },
  ],
  [
    { head: 30_000, deadline: 60_000 },
    { after: 30_000, kind: "head" },
  ],
  [
    { head: 30_000, deadline: 500 },
    { after: 0, kind: "total" },
  ],
])("time-out of %j at 1000 ms", (times, expected) => {
  expect(attemptTimeout(times, 1000)).toEqual(expected);
});
