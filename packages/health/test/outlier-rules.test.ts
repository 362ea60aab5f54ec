import { forAll } from "@headgate/testing";
import * as fc from "fast-check";
import { addToStreaks } from "../src/outlier/consecutive.ts";
import { mayEject } from "../src/outlier/ejection-bound.ts";
import { ejectionTime } from "../src/outlier/ejection-time.ts";
import { latencyOutliers } from "../src/outlier/latency.ts";
import { successRateOutliers } from "../src/outlier/success-rate.ts";

/** Applies a list of statuses (null: no answer); what the last one tripped, and the streaks. */
function streaks(
  statuses: readonly (number | null)[],
  consecutive5xx: number | null = 3,
): [string | null, number, number] {
  const state = { faults: 0, fives: 0 };
  let tripped: string | null = null;
  for (const status of statuses) tripped = addToStreaks(state, status, { consecutiveFaults: 3, consecutive5xx });
  return [tripped, state.faults, state.fives];
}

test.each([
  [
    [200, 404],
    [null, 0, 0],
  ],
  [
    [null, 503],
    [null, 2, 2],
  ],
  [
    [null, 503, 502],
    ["consecutive-faults", 3, 3],
  ],
  [
    [500, 500, 500],
    ["consecutive-5xx", 0, 3],
  ],
  [
    [503, 500, 504],
    ["consecutive-5xx", 1, 3],
  ],
  [
    [503, 503, 200, 503],
    [null, 1, 1],
  ],
  [
    [500, 501, 499, 505],
    [null, 0, 1],
  ],
])("streaks after %j", (statuses, expected) => {
  expect(streaks(statuses)).toEqual(expected);
});

test("a kind that is off trips nothing", () => {
  expect(streaks([500, 500, 500, 500], null)).toEqual([null, 0, 4]);
});

describe("success rate", () => {
  const good = ["a", "b", "c", "d", "e"].map((id) => ({ id, attempts: 200, succeeded: 199 }));

  test("one far below the others is out", () => {
    expect(successRateOutliers([...good, { id: "f", attempts: 200, succeeded: 120 }])).toEqual(["f"]);
  });

  test("all alike: none is", () => {
    expect(successRateOutliers(good)).toEqual([]);
    expect(successRateOutliers(good.map((one) => ({ ...one, succeeded: 0 })))).toEqual([]);
  });

  test("too few backends, or too few attempts, make no comparison", () => {
    const bad = { id: "f", attempts: 200, succeeded: 0 };
    expect(successRateOutliers([...good.slice(0, 3), bad])).toEqual([]);
    expect(successRateOutliers([...good, { ...bad, attempts: 99 }])).toEqual([]);
    expect(successRateOutliers([...good.slice(0, 3), bad], { minimumBackends: 4, deviations: 1 })).toEqual(["f"]);
  });

  test("takes only from those below the mean, and never all", () => {
    const sample = fc.tuple(fc.integer({ min: 100, max: 300 }), fc.nat(100));
    forAll(fc.array(sample, { minLength: 5, maxLength: 30 }), (list) => {
      const samples = list.map(([attempts, percent], id) => ({ id, attempts, succeeded: (attempts * percent) / 100 }));
      const mean = samples.reduce((sum, { succeeded, attempts }) => sum + succeeded / attempts, 0) / samples.length;
      const out = successRateOutliers(samples);
      expect(out.length).toBeLessThan(samples.length);
      for (const id of out) expect((list[id]?.[1] ?? 100) / 100).toBeLessThan(mean + 1e-9);
    });
  });
});

describe("latency", () => {
  const usual = ["a", "b", "c"].map((id) => ({ id, attempts: 50, latency: 30 }));

  test.each([
    ["20 times slower", { id: "d", attempts: 50, latency: 600 }, ["d"]],
    ["4 times slower", { id: "d", attempts: 50, latency: 120 }, []],
    ["seen too seldom", { id: "d", attempts: 19, latency: 600 }, []],
  ])("one %s", (_, slow, expected) => {
    expect(latencyOutliers([...usual, slow])).toEqual(expected);
  });

  test("below 100 ms nothing is too slow, and two are no comparison", () => {
    const fast = usual.map((one) => ({ ...one, latency: 1 }));
    expect(latencyOutliers([...fast, { id: "d", attempts: 50, latency: 99 }])).toEqual([]);
    expect(latencyOutliers([...usual.slice(0, 1), { id: "d", attempts: 50, latency: 900 }])).toEqual([]);
  });

  test("fewer than half of the backends are outliers", () => {
    forAll(fc.array(fc.nat(100_000), { minLength: 3, maxLength: 30 }), (list) => {
      const samples = list.map((latency, id) => ({ id, attempts: 50, latency }));
      expect(latencyOutliers(samples).length).toBeLessThanOrEqual(list.length / 2);
    });
  });
});

test("how long the nth ejection lasts", () => {
  const times = { ejection: 30_000, longest: 300_000 };
  expect([1, 2, 9, 10, 11, 50].map((n) => ejectionTime(n, times) / 1000)).toEqual([30, 60, 270, 300, 300, 300]);
  expect(ejectionTime(3, { ejection: 500_000, longest: 300_000 })).toBe(500_000);
});

test.each([
  [0, 1, 0.1, true],
  [0, 4, 0, true],
  [1, 4, 0.1, false],
  [1, 20, 0.1, true],
  [2, 20, 0.1, false],
  [2, 10, 0.3, true],
  [3, 10, 0.3, false],
])("with %d of %d ejected and a share of %d one more may: %s", (ejected, total, share, expected) => {
  expect(mayEject(ejected, total, share)).toBe(expected);
});
