import { RoundRobin } from "../src/policies/round-robin.ts";
import type { Policy } from "../src/policy.ts";
import { Pool } from "../src/pool.ts";
import { backendOf, context, id, member, options, poolOf, sequence, tally } from "./helpers.ts";

const abcd = ["a", "b", "c", "d"];

describe("choose", () => {
  test("an empty pool has none", () => {
    expect(new Pool("p", new RoundRobin()).choose(context())).toEqual({ kind: "none", reason: "empty" });
  });

  test("before the first check it says pending, so that the exchange can wait", () => {
    const pool = new Pool("p", new RoundRobin());
    pool.add(options("a"));
    pool.add(options("b"));
    expect(pool.choose(context())).toEqual({ kind: "none", reason: "pending" });
    pool.setAvailable(id("a"), false);
    expect(pool.choose(context())).toEqual({ kind: "none", reason: "pending" });
    pool.setAvailable(id("b"), true);
    expect(pool.choose(context())).toMatchObject({ kind: "chosen", backend: { id: "b" }, reason: "policy" });
  });

  test("all unreachable, ejected or draining is unavailable", () => {
    const pool = poolOf(new RoundRobin(), ["a", "b", "c"]);
    pool.setAvailable(id("a"), false);
    pool.setEjected(id("b"), true);
    pool.setDraining(id("c"), true);
    expect(pool.usable).toBe(false);
    expect(pool.choose(context())).toEqual({ kind: "none", reason: "unavailable" });
    pool.setEjected(id("b"), false);
    expect(backendOf(pool.choose(context())).id).toBe("b");
  });

  test("a backend of weight 0 takes nothing new", () => {
    const pool = poolOf(new RoundRobin(), [options("a", { weight: 0 }), "b"]);
    expect(new Set(sequence(pool, 4))).toEqual(new Set(["b"]));
  });

  test("counts the attempt until release, and none when there was none", () => {
    const pool = poolOf(new RoundRobin(), ["a"]);
    const backend = backendOf(pool.choose(context()));
    expect([backend.active, pool.active]).toEqual([1, 1]);
    pool.release(backend);
    expect([backend.active, pool.active]).toEqual([0, 0]);
  });

  test("limits of backends and of the pool are told apart from being down", () => {
    const pool = poolOf(new RoundRobin(), [options("a", { maxActive: 1 }), options("b", { maxActive: 2 })]);
    const chosen = [1, 2, 3].map(() => backendOf(pool.choose(context())).id);
    expect(chosen).toEqual(["a", "b", "b"]);
    expect(pool.choose(context())).toEqual({ kind: "none", reason: "limits" });
    const small = poolOf(new RoundRobin(), abcd, { limit: { limit: 2 } });
    small.choose(context());
    small.choose(context());
    expect(small.choose(context())).toEqual({ kind: "none", reason: "limits" });
  });
});

describe("tried backends", () => {
  test("are left out while another is usable, then tried again", () => {
    const pool = poolOf(new RoundRobin(), ["a", "b", "c"]);
    const tried = ["a", "b"].map(id);
    expect(sequence(pool, 5, context({ tried }))).toEqual(["c", "c", "c", "c", "c"]);
    const all = pool.choose(context({ tried: [...tried, id("c")] }));
    expect(all).toMatchObject({ kind: "chosen", reason: "again" });
  });

  test("a full backend does not count as left", () => {
    const pool = poolOf(new RoundRobin(), ["a", options("b", { maxActive: 0 })]);
    expect(pool.choose(context({ tried: [id("a")] }))).toMatchObject({ backend: { id: "a" }, reason: "again" });
  });

  test("full and tried together are limits", () => {
    const pool = poolOf(new RoundRobin(), [options("a", { maxActive: 0 })]);
    expect(pool.choose(context({ tried: [id("a")] }))).toEqual({ kind: "none", reason: "limits" });
  });
});

describe("membership", () => {
  test("add of a known backend keeps its object and takes the options over", () => {
    const pool = poolOf(new RoundRobin(), ["a", "b"]);
    const backend = backendOf(pool.choose(context()));
    expect(pool.add(options("a", { weight: 3 }))).toBe(backend);
    expect([backend.weight, backend.active, backend.available]).toEqual([3, 1, true]);
    expect(tally(sequence(pool, 8))).toEqual(
      new Map([
        ["a", 6],
        ["b", 2],
      ]),
    );
  });

  test("replace says what came, stayed and went, and keeps what stayed", () => {
    const pool = poolOf(new RoundRobin(), ["a", "b", "c"]);
    const kept = member(pool, "b");
    const { added, kept: stayed, removed } = pool.replace([options("b"), options("d")]);
    const ids = [added, stayed, removed].map((list) => list.map((backend) => backend.id));
    expect(ids).toEqual([["d"], ["b"], ["a", "c"]]);
    expect(member(pool, "b")).toBe(kept);
    expect(kept.available).toBe(true);
    expect(member(pool, "d").pending).toBe(true);
  });

  test("another URL at the same address is another backend", () => {
    const pool = poolOf(new RoundRobin(), ["a"]);
    const before = member(pool, "a");
    const { added, removed } = pool.replace([options("a", { url: "https://a" })]);
    expect(added[0]).not.toBe(before);
    expect(removed).toEqual([before]);
    expect(pool.choose(context())).toEqual({ kind: "none", reason: "pending" });
  });

  test("a removed backend gets its releases still", () => {
    const pool = poolOf(new RoundRobin(), ["a", "b"]);
    const backend = backendOf(pool.choose(context()));
    expect(pool.remove(backend.id)).toBe(backend);
    expect(pool.remove(backend.id)).toBeUndefined();
    pool.release(backend, { latency: 5, failed: false, now: 0 });
    expect([backend.active, pool.active]).toEqual([0, 0]);
    expect(sequence(pool, 2)).toEqual(["b", "b"]);
  });

  test("words of health for a backend that has left are ignored", () => {
    const pool = poolOf(new RoundRobin(), ["a"]);
    pool.setAvailable(id("gone"), true);
    pool.setEjected(id("gone"), true);
    pool.setDraining(id("gone"), true);
    expect(sequence(pool, 1)).toEqual(["a"]);
  });

  test("candidates stay the same array until something changes", () => {
    const seen: unknown[] = [];
    const policy = new RoundRobin();
    const spy: Policy = {
      pick(list, ctx) {
        seen.push(list);
        return policy.pick(list, ctx);
      },
      copy: () => spy,
    };
    const pool = poolOf(spy, ["a", "b"]);
    sequence(pool, 2);
    pool.setAvailable(id("a"), true);
    sequence(pool, 1);
    pool.setAvailable(id("a"), false);
    sequence(pool, 1);
    expect(seen[1]).toBe(seen[0]);
    expect(seen[2]).toBe(seen[0]);
    expect(seen[3]).not.toBe(seen[0]);
  });

  test("another policy takes over from the next choice on", () => {
    const pool = poolOf(new RoundRobin(), ["a", "b"]);
    sequence(pool, 1);
    const first: Policy = { pick: (list) => list[0], copy: () => first };
    pool.setPolicy(first);
    expect(sequence(pool, 3)).toEqual(["a", "a", "a"]);
  });
});

test("other options take hold at the next choice", () => {
  const pool = poolOf(new RoundRobin(), ["a", options("b", { zone: "z" })], { limit: { limit: 0 } });
  expect(pool.choose(context())).toEqual({ kind: "none", reason: "limits" });
  pool.setOptions({ zone: "z", slowStart: { window: 1000 } });
  expect(sequence(pool, 2)).toEqual(["b", "b"]);
  pool.setAvailable(id("b"), false);
  pool.setAvailable(id("b"), true);
  sequence(pool, 1);
  expect(member(pool, "b").ramp).not.toBeNull();
});

describe("panic", () => {
  test("is off by default", () => {
    const pool = poolOf(new RoundRobin(), abcd);
    for (const name of ["a", "b", "c"]) pool.setAvailable(id(name), false);
    expect(new Set(sequence(pool, 8))).toEqual(new Set(["d"]));
    expect(pool.panic).toBe(false);
  });

  test("below the threshold all that are not draining are used", () => {
    const pool = poolOf(new RoundRobin(), abcd, { panic: 0.5 });
    pool.setAvailable(id("a"), false);
    pool.setAvailable(id("b"), false);
    expect(new Set(sequence(pool, 8))).toEqual(new Set(["c", "d"]));
    pool.setEjected(id("c"), true);
    expect(new Set(sequence(pool, 8))).toEqual(new Set(abcd));
    expect(pool.choose(context())).toMatchObject({ kind: "chosen", reason: "panic" });
    expect(pool.explain(context()).map(({ reason }) => reason)).toEqual(["panic", "panic", "panic", "candidate"]);
  });
});

test("panic does not send to those that were never checked", () => {
  const pool = new Pool("p", new RoundRobin(), { panic: 0.5 });
  for (const name of abcd) pool.add(options(name));
  expect(pool.choose(context())).toEqual({ kind: "none", reason: "pending" });
  pool.setAvailable(id("a"), false);
  expect(new Set(sequence(pool, 4))).toEqual(new Set(["a"]));
  expect(pool.explain(context()).map(({ reason }) => reason)).toEqual(["panic", "pending", "pending", "pending"]);
});

describe("explain", () => {
  test("says of each backend what stands against it", () => {
    const pool = poolOf(
      new RoundRobin(),
      [
        "good",
        "down",
        "ejected",
        "draining",
        "tried",
        options("full", { maxActive: 0 }),
        options("off", { weight: 0 }),
        options("backup", { priority: 1 }),
      ],
      { overprovision: 10 },
    );
    pool.add(options("new"));
    pool.setAvailable(id("down"), false);
    pool.setEjected(id("ejected"), true);
    pool.setDraining(id("draining"), true);
    const reports = pool.explain(context({ tried: [id("tried")] }));
    expect(Object.fromEntries(reports.map(({ backend, reason }) => [backend.id, reason]))).toEqual({
      good: "candidate",
      down: "unreachable",
      ejected: "ejected",
      draining: "draining",
      tried: "tried",
      full: "full",
      off: "weight-0",
      backup: "standby",
      new: "pending",
    });
    expect(reports.filter(({ usable }) => usable).map(({ backend }) => backend.id)).toEqual(["good"]);
    expect(pool.active).toBe(0);
  });

  test("tells what a backend counts for, and the share of its level", () => {
    const own = { weight: 4, zone: "z" };
    const pool = poolOf(new RoundRobin(), [options("a", own), options("b", own), options("far", { zone: "y" })], {
      zone: "z",
      slowStart: { window: 1000 },
    });
    pool.setAvailable(id("a"), false);
    pool.setAvailable(id("a"), true);
    pool.choose(context());
    pool.setAvailable(id("b"), false);
    const [a, b, far] = pool.explain({ tried: null, now: 500 });
    expect(a).toMatchObject({ weight: 2, level: { key: "0", share: 0.7 } });
    expect(b).toMatchObject({ weight: 4, level: null });
    expect(far?.level?.share).toBeCloseTo(0.3);
  });

  test("a pinned session's draining backend is usable", () => {
    const pool = poolOf(new RoundRobin(), ["a", "b"]);
    pool.setDraining(id("a"), true);
    const reports = pool.explain(context({ pinned: id("a") }));
    expect(reports.map(({ usable, reason }) => [usable, reason])).toEqual([
      [true, "pinned"],
      [true, "candidate"],
    ]);
  });
});
