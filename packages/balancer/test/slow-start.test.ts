import { forAll } from "@headgate/testing";
import * as fc from "fast-check";
import { createPolicy, PLAIN_POLICIES } from "../src/create-policy.ts";
import type { Pool } from "../src/pool.ts";
import { rampShare, startRamp } from "../src/slow-start.ts";
import { context, id, member, names, options, poolOf, sequence, tally } from "./helpers.ts";

test.each([
  [{ window: 1000 }, 0, 0.1],
  [{ window: 1000 }, 50, 0.1],
  [{ window: 1000 }, 500, 0.5],
  [{ window: 1000 }, 1000, 1],
  [{ window: 1000 }, 5000, 1],
  [{ window: 1000, aggression: 2 }, 250, 0.5],
  [{ window: 1000, floor: 0.4 }, 100, 0.4],
  [{ window: 1000, floor: 0 }, 0, 0.01],
  [{ window: 1000 }, -5, 0.1],
])("%j after %d ms: %d", (slowStart, elapsed, expected) => {
  expect(rampShare(startRamp(slowStart, 7000), 7000 + elapsed)).toBeCloseTo(expected, 9);
});

test("a ramp never falls", () => {
  forAll(fc.nat(2000), fc.nat(2000), fc.double({ min: 0.2, max: 5, noNaN: true }), (one, other, aggression) => {
    const ramp = startRamp({ window: 1500, aggression }, 0);
    expect(rampShare(ramp, Math.max(one, other))).toBeGreaterThanOrEqual(rampShare(ramp, Math.min(one, other)));
  });
});

describe("in a pool", () => {
  const slowStart = { window: 10_000 };

  function share(pool: Pool, name: string, now: number): number {
    const counts = tally(sequence(pool, 200, context({ now })));
    return (counts.get(name) ?? 0) / 200;
  }

  function bounced(name: string): Pool {
    const pool = poolOf(createPolicy("round-robin"), ["a", "b"], { slowStart });
    sequence(pool, 2);
    pool.setAvailable(id(name), false);
    pool.setAvailable(id(name), true);
    return pool;
  }

  test("the first members start at full weight", () => {
    const pool = poolOf(createPolicy("round-robin"), ["a", "b"], { slowStart });
    expect(sequence(pool, 4).join("")).toBe("abab");
    expect(member(pool, "a").ramp).toBeNull();
  });

  test("one that returns takes a tenth of its share, then more, then all of it, in turn again", () => {
    const pool = bounced("b");
    expect(share(pool, "b", 5000)).toBeCloseTo(0.09, 2);
    expect(share(pool, "b", 10_000)).toBeCloseTo(1 / 3, 2);
    expect(share(pool, "b", 15_000)).toBeCloseTo(0.5, 2);
    expect(member(pool, "b").ramp).toBeNull();
  });

  test("so does one that joins a pool that serves, and one that is readmitted", () => {
    const pool = poolOf(createPolicy("round-robin"), ["a"], { slowStart });
    pool.add(options("new"));
    pool.setAvailable(id("new"), true);
    expect(share(pool, "new", 1000)).toBeCloseTo(0.09, 2);
    expect(share(pool, "new", 11_000)).toBeCloseTo(0.5, 2);
    pool.setEjected(id("new"), true);
    pool.setEjected(id("new"), false);
    expect(share(pool, "new", 20_000)).toBeCloseTo(0.09, 2);
  });

  test("one that leaves while it ramps up is forgotten", () => {
    const pool = bounced("b");
    pool.remove(id("b"));
    expect(sequence(pool, 2, context({ now: 1 }))).toEqual(["a", "a"]);
  });

  test.each(PLAIN_POLICIES.filter((name) => name !== "peak-ewma"))("%s keeps to a ramp under load", (policy) => {
    const pool = poolOf(createPolicy(policy), names(2), { slowStart: { window: 10_000 } });
    const [first = "", second = ""] = names(2);
    pool.setAvailable(id(second), false);
    pool.setAvailable(id(second), true);
    const random = context().random;
    for (let i = 0; i < 220; i++) pool.choose(context({ now: 1000, random }));
    expect(member(pool, second).active).toBeLessThan(0.35 * member(pool, first).active);
    expect(member(pool, second).active).toBeGreaterThan(0);
  });
});
