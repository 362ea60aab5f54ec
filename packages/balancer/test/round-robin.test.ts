import { forAll, seededRandom } from "@headgate/testing";
import * as fc from "fast-check";
import { RoundRobin } from "../src/policies/round-robin.ts";
import { WeightedRoundRobin } from "../src/policies/weighted-round-robin.ts";
import { backendOf, context, id, names, options, poolOf, sequence, tally } from "./helpers.ts";

describe("round robin", () => {
  test("eight requests over four backends are two each, in turn", () => {
    const pool = poolOf(new RoundRobin(), ["a", "b", "c", "d"]);
    expect(sequence(pool, 8).join("")).toBe("abcdabcd");
  });

  test("any window of n choices meets each of n once", () => {
    forAll(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 0, max: 40 }), (count, skip) => {
      const pool = poolOf(new RoundRobin(), names(count));
      if (skip > 0) sequence(pool, skip);
      expect(new Set(sequence(pool, count)).size).toBe(count);
    });
  });

  test("a failover goes to the next one, and the turn goes on after it", () => {
    const pool = poolOf(new RoundRobin(), ["a", "b", "c", "d"]);
    expect(sequence(pool, 1)).toEqual(["a"]);
    expect(sequence(pool, 1, context({ tried: [id("a")] }))).toEqual(["b"]);
    expect(sequence(pool, 3).join("")).toBe("cda");
  });

  test.each([
    ["one before the turn leaves", "a", "cdbc"],
    ["the one whose turn it is leaves", "c", "dabd"],
    ["the last leaves", "d", "cabc"],
  ])("%s: the turn goes on", (_, gone, expected) => {
    const pool = poolOf(new RoundRobin(), ["a", "b", "c", "d"]);
    sequence(pool, 2);
    pool.setAvailable(id(gone), false);
    expect(sequence(pool, 4).join("")).toBe(expected);
  });

  test("one that comes back joins the cycle", () => {
    const pool = poolOf(new RoundRobin(), ["a", "b", "c"]);
    pool.setAvailable(id("b"), false);
    expect(sequence(pool, 3).join("")).toBe("aca");
    pool.setAvailable(id("b"), true);
    expect(sequence(pool, 6).join("")).toBe("cabcab");
  });

  test("weights that differ are kept to, and given up when they are equal again", () => {
    const pool = poolOf(new RoundRobin(), [options("a", { weight: 5 }), "b", "c"]);
    expect(sequence(pool, 14).join("")).toBe("aabacaaaabacaa");
    pool.add(options("a"));
    expect(tally(sequence(pool, 6))).toEqual(new Map(["a", "b", "c"].map((name) => [name, 2])));
  });
});

describe("smooth weighted round robin", () => {
  test("gives nginx's own example", () => {
    const pool = poolOf(new WeightedRoundRobin(), [options("a", { weight: 5 }), "b", "c"]);
    expect(sequence(pool, 7).join("")).toBe("aabacaa");
  });

  test("a full cycle holds each as often as its weight, in small pools and in large ones", () => {
    const weights = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 130 });
    forAll(weights, (list) => {
      const pool = poolOf(
        new WeightedRoundRobin(),
        list.map((weight, i) => options(`b${i}`, { weight })),
      );
      const total = list.reduce((a, b) => a + b, 0);
      const counts = tally(sequence(pool, total));
      expect(list.map((_, i) => counts.get(`b${i}`))).toEqual(list);
    });
  });

  test("equal weights are plain round robin", () => {
    const pool = poolOf(new WeightedRoundRobin(), ["a", "b", "c"]);
    expect(sequence(pool, 6).join("")).toBe("abcabc");
  });

  test("tried ones are passed over, below and above the size of the schedule", () => {
    for (const size of [3, 100]) {
      const all = names(size);
      const pool = poolOf(new WeightedRoundRobin(), all);
      const tried = all.slice(0, size - 1).map(id);
      expect(new Set(sequence(pool, 10, context({ tried })))).toEqual(new Set([all[size - 1]]));
    }
  });

  test("one open backend of small weight is found among many tried heavy ones", () => {
    const all = names(100);
    const list = all.map((name, index) => options(name, { weight: index === 99 ? 0.001 : 1000 }));
    const pool = poolOf(new WeightedRoundRobin(), list);
    expect(sequence(pool, 1, context({ tried: all.slice(0, 99).map(id) }))).toEqual([all[99]]);
    expect(pool.choose(context({ tried: all.map(id) }))).toMatchObject({ reason: "again" });
  });

  test("when all are full there is none", () => {
    for (const size of [3, 100]) {
      const list = names(size).map((name) => options(name, { maxActive: 0 }));
      const pool = poolOf(new WeightedRoundRobin(), list);
      expect(pool.choose(context())).toEqual({ kind: "none", reason: "limits" });
    }
  });

  test("a thousand backends keep their shares over random availability", () => {
    const random = seededRandom(7);
    const list = names(1000).map((name, index) => options(name, { weight: 1 + (index % 3) }));
    const pool = poolOf(new WeightedRoundRobin(), list);
    for (const { id: each } of pool.backends) if (random() < 0.2) pool.setAvailable(each, false);
    const counts = tally(sequence(pool, 20_000));
    const perWeight = [1, 2, 3].map((weight) => {
      const mine = pool.backends.filter((backend) => backend.usable && backend.weight === weight);
      return mine.reduce((sum, backend) => sum + (counts.get(backend.id) ?? 0), 0) / mine.length / weight;
    });
    const [one = 0, two = 0, three = 0] = perWeight;
    expect(two / one).toBeCloseTo(1, 1);
    expect(three / one).toBeCloseTo(1, 1);
  });

  test("in flight counts do not matter", () => {
    const pool = poolOf(new WeightedRoundRobin(), ["a", "b"]);
    const chosen = [1, 2, 3, 4].map(() => backendOf(pool.choose(context())).id);
    expect(chosen.join("")).toBe("abab");
  });
});
