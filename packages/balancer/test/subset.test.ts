import { forAll } from "@headgate/testing";
import * as fc from "fast-check";
import { RoundRobin } from "../src/policies/round-robin.ts";
import { partSubset } from "../src/subset.ts";
import { backendOf, context, id, member, names, options, poolOf, sequence, tally } from "./helpers.ts";

const thousand = poolOf(new RoundRobin(), names(1000)).backends;

function subsetOf(size: number, gateway: string, backends = thousand): string[] {
  return partSubset(backends, { size, gateway })[0].map((backend) => backend.id);
}

describe("the subset", () => {
  test("has the size asked for, in the order of the pool, and the rest is all others", () => {
    forAll(fc.tuple(fc.nat(60), fc.integer({ min: 1, max: 70 }), fc.string()), ([count, size, gateway]) => {
      const all = thousand.slice(0, count);
      const [inside, rest] = partSubset(all, { size, gateway });
      expect(inside).toHaveLength(Math.min(size, count));
      expect(new Set([...inside, ...rest])).toEqual(new Set(all));
      expect(inside.length + rest.length).toBe(count);
      for (const part of [inside, rest]) expect(all.filter((backend) => part.includes(backend))).toEqual(part);
    });
  });

  test("does not depend on the order in which backends are listed", () => {
    expect(new Set(subsetOf(20, "gw-1", [...thousand].reverse()))).toEqual(new Set(subsetOf(20, "gw-1")));
  });

  test("changes by one when one of it goes or a better one comes, and not at all otherwise", () => {
    forAll(fc.tuple(fc.nat(199), fc.integer({ min: 1, max: 50 }), fc.string()), ([gone, size, gateway]) => {
      const all = thousand.slice(0, 200);
      const before = subsetOf(size, gateway, all);
      const after = new Set(
        subsetOf(
          size,
          gateway,
          all.filter((_, at) => at !== gone),
        ),
      );
      const kept = before.filter((backend) => after.has(backend));
      expect(kept).toEqual(before.filter((backend) => backend !== all[gone]?.id));
      expect(after.size).toBe(size);
    });
  });

  test("over many gateways no backend is in many more subsets than another", () => {
    const gateways = Array.from({ length: 500 }, (_, at) => `gateway-${at}.example`);
    const counts = tally(gateways.flatMap((gateway) => subsetOf(20, gateway)));
    // 500 subsets of 20 in 1,000: each backend is in 10 on average, binomially, so six deviations are below 29.
    expect(Math.max(...counts.values())).toBeLessThan(29);
    expect(counts.size).toBeGreaterThan(990);
    const variance = thousand.reduce((sum, { id: each }) => sum + ((counts.get(each) ?? 0) - 10) ** 2, 0) / 1000;
    expect(variance).toBeGreaterThan(8);
    expect(variance).toBeLessThan(12);
  });
});

describe("a pool with a subset", () => {
  const subset = { size: 2, gateway: "gw" };
  const backends = ["a", "b", "c", "d", "e"];

  function inside(pool = poolOf(new RoundRobin(), backends, { subset })): readonly string[] {
    return [...new Set(sequence(pool, 20))];
  }

  test("uses so many, by its policy", () => {
    const pool = poolOf(new RoundRobin(), backends, { subset });
    const counts = [...tally(sequence(pool, 20)).values()];
    expect(counts).toEqual([10, 10]);
  });

  test("takes another in while one is not usable, and goes back to it afterwards", () => {
    const pool = poolOf(new RoundRobin(), backends, { subset });
    const [first = "", second = ""] = inside(pool);
    pool.setAvailable(id(first), false);
    const meanwhile = inside(pool);
    expect(meanwhile).toHaveLength(2);
    expect(meanwhile).toContain(second);
    pool.setAvailable(id(first), true);
    expect(new Set(inside(pool))).toEqual(new Set([first, second]));
  });

  test("a retry leaves the subset when all of it was tried", () => {
    const pool = poolOf(new RoundRobin(), backends, { subset });
    const tried = inside(pool).map(id);
    const choice = pool.choose(context({ tried }));
    expect(choice).toMatchObject({ kind: "chosen", reason: "spill-over" });
    expect(tried).not.toContain(backendOf(choice).id);
  });

  test("what the subset has no room for goes to the others", () => {
    const pool = poolOf(
      new RoundRobin(),
      backends.map((name) => options(name, { maxActive: 1 })),
      { subset },
    );
    const chosen = Array.from({ length: 5 }, () => pool.choose(context()));
    expect(chosen.map((choice) => choice.kind === "chosen" && choice.reason)).toEqual([
      ...["policy", "policy"],
      ...["spill-over", "spill-over", "spill-over"],
    ]);
    expect(new Set(chosen.map((choice) => backendOf(choice).id)).size).toBe(5);
    expect(pool.choose(context())).toEqual({ kind: "none", reason: "limits" });
  });

  test("a session pinned by another gateway stays at its backend", () => {
    const pool = poolOf(new RoundRobin(), backends, { subset });
    const outside = backends.find((name) => !inside(pool).includes(name)) ?? "";
    expect(pool.choose(context({ pinned: id(outside) }))).toMatchObject({
      reason: "sticky",
      backend: member(pool, outside),
    });
  });

  test("each priority has its own, and how much spills over goes by all of the level", () => {
    const pool = poolOf(
      new RoundRobin(),
      [...backends, ...["v", "w", "x"].map((name) => options(name, { priority: 1 }))],
      { subset },
    );
    // Four of five are usable: 1.4 × 4/5 is more than all, so the backups stay idle though a subset would have 2.
    pool.setAvailable(id("a"), false);
    expect(inside(pool).every((name) => backends.includes(name))).toBe(true);
    for (const name of backends) pool.setAvailable(id(name), false);
    expect(inside(pool)).toHaveLength(2);
  });

  test("in panic it is of all that are checked", () => {
    const pool = poolOf(new RoundRobin(), backends, { subset, panic: 0.5 });
    const usual = inside(pool);
    for (const name of backends.slice(0, 4)) pool.setAvailable(id(name), false);
    expect(pool.panic).toBe(true);
    expect(inside(pool)).toEqual(usual);
  });

  test("explains what is beyond it", () => {
    const pool = poolOf(new RoundRobin(), backends, { subset });
    const used = inside(pool);
    for (const { backend, usable, reason, level } of pool.explain({ tried: null, now: 0 })) {
      expect({ usable, reason, level }).toEqual(
        used.includes(backend.id)
          ? { usable: true, reason: "candidate", level: { key: "0", share: 1 } }
          : { usable: false, reason: "beyond-subset", level: { key: "0/beyond-subset", share: 0 } },
      );
    }
  });
});
