import { forAll, seededRandom } from "@headgate/testing";
import * as fc from "fast-check";
import { spillOver } from "../src/levels.ts";
import { RoundRobin } from "../src/policies/round-robin.ts";
import { context, id, names, options, poolOf, sequence, tally } from "./helpers.ts";

function level(available: number, total: number): { candidates: readonly unknown[]; total: number } {
  return { candidates: new Array(available).fill(null), total };
}

describe("spillOver", () => {
  // Envoy's documentation of priority levels, overprovisioning factor 1.4.
  test.each([
    [
      [level(100, 100), level(100, 100)],
      [1, 0],
    ],
    [
      [level(72, 100), level(100, 100)],
      [1, 0],
    ],
    [
      [level(71, 100), level(100, 100)],
      [0.994, 0.006],
    ],
    [
      [level(50, 100), level(100, 100)],
      [0.7, 0.3],
    ],
    [
      [level(25, 100), level(100, 100)],
      [0.35, 0.65],
    ],
    [
      [level(0, 100), level(100, 100)],
      [0, 1],
    ],
    [
      [level(25, 100), level(25, 100)],
      [0.5, 0.5],
    ],
    [
      [level(5, 100), level(0, 100), level(5, 100)],
      [0.5, 0, 0.5],
    ],
    [
      [level(0, 10), level(0, 10)],
      [0, 0],
    ],
  ])("case %#", (levels, expected) => {
    spillOver(levels, 1.4).forEach((share, index) => {
      expect(share).toBeCloseTo(expected[index] ?? Number.NaN, 9);
    });
  });

  test("shares are all of it whenever anything is available, and none goes where nothing is", () => {
    const one = fc.tuple(fc.nat(20), fc.nat(20)).map(([up, down]) => level(up, up + down + 1));
    forAll(fc.array(one, { minLength: 1, maxLength: 5 }), (levels) => {
      const shares = spillOver(levels, 1.4);
      const any = levels.some(({ candidates }) => candidates.length > 0);
      expect(shares.reduce((a, b) => a + b, 0)).toBeCloseTo(any ? 1 : 0, 9);
      levels.forEach(({ candidates }, i) => {
        if (candidates.length === 0) expect(shares[i]).toBe(0);
        expect(shares[i]).toBeGreaterThanOrEqual(0);
      });
    });
  });
});

describe("priorities", () => {
  const backups = ["a", "b", options("x", { priority: 1 }), options("y", { priority: 1 })];

  test("backups take nothing while enough of the first level is usable", () => {
    expect(new Set(sequence(poolOf(new RoundRobin(), backups), 20))).toEqual(new Set(["a", "b"]));
  });

  test("half of the first level down: three in ten spill over, each level round robin", () => {
    const pool = poolOf(new RoundRobin(), backups);
    pool.setAvailable(id("b"), false);
    const counts = tally(sequence(pool, 10_000, context({ random: seededRandom(3) })));
    expect((counts.get("a") ?? 0) / 10_000).toBeCloseTo(0.7, 1);
    expect(Math.abs((counts.get("x") ?? 0) - (counts.get("y") ?? 0))).toBeLessThanOrEqual(1);
  });

  test("a failover leaves the first level when all of it was tried", () => {
    const pool = poolOf(new RoundRobin(), backups);
    const choice = pool.choose(context({ tried: [id("a"), id("b")] }));
    expect(choice).toMatchObject({ kind: "chosen", backend: { id: "x" }, reason: "spill-over" });
  });

  test("all of the first level down: backups serve", () => {
    const pool = poolOf(new RoundRobin(), backups);
    pool.setAvailable(id("a"), false);
    pool.setAvailable(id("b"), false);
    expect(tally(sequence(pool, 10))).toEqual(
      new Map([
        ["x", 5],
        ["y", 5],
      ]),
    );
  });
});

describe("zones", () => {
  const zoned = [options("a1", { zone: "a" }), options("a2", { zone: "a" }), options("b1", { zone: "b" }), "n1"];

  test("no own zone: zones do not matter", () => {
    expect(new Set(sequence(poolOf(new RoundRobin(), zoned), 4)).size).toBe(4);
  });

  test("the own zone is preferred while it suffices, then others help", () => {
    const pool = poolOf(new RoundRobin(), zoned, { zone: "a" });
    expect(new Set(sequence(pool, 10))).toEqual(new Set(["a1", "a2"]));
    pool.setAvailable(id("a1"), false);
    expect(new Set(sequence(pool, 100))).toEqual(new Set(["a2", "b1", "n1"]));
  });

  test("priority counts before zone", () => {
    const pool = poolOf(
      new RoundRobin(),
      [options("far", { zone: "b" }), options("near", { zone: "a", priority: 1 })],
      {
        zone: "a",
      },
    );
    expect(new Set(sequence(pool, 5))).toEqual(new Set(["far"]));
  });
});

test("a pool of a thousand in one level stays round robin", () => {
  const pool = poolOf(new RoundRobin(), names(1000));
  expect(new Set(sequence(pool, 1000)).size).toBe(1000);
});
