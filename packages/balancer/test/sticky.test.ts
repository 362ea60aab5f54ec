import { RoundRobin } from "../src/policies/round-robin.ts";
import { planSticky } from "../src/sticky.ts";
import { context, id, member, options, poolOf } from "./helpers.ts";

test.each([
  ["a usable backend keeps it", "none", null, { kind: "keep" }],
  ["a draining one keeps it", "draining", null, { kind: "keep" }],
  ["an unreachable one hands it over", "down", null, { kind: "hand-over", reason: "unreachable" }],
  ["an ejected one hands it over", "ejected", null, { kind: "hand-over", reason: "ejected" }],
  ["one that this exchange tried hands it over", "none", ["a"], { kind: "hand-over", reason: "tried" }],
] as const)("%s", (_, flag, tried, expected) => {
  const pool = poolOf(new RoundRobin(), ["a", "b"]);
  if (flag === "draining") pool.setDraining(id("a"), true);
  if (flag === "down") pool.setAvailable(id("a"), false);
  if (flag === "ejected") pool.setEjected(id("a"), true);
  expect(planSticky(member(pool, "a"), tried?.map(id) ?? null)).toMatchObject(expected);
});

test("one that is gone hands it over", () => {
  expect(planSticky(undefined, null)).toEqual({ kind: "hand-over", reason: "gone" });
});

describe("in a pool", () => {
  test("pinned exchanges go there, others in turn", () => {
    const pool = poolOf(new RoundRobin(), ["a", "b", "c"]);
    for (let i = 0; i < 4; i++) {
      expect(pool.choose(context({ pinned: id("b") }))).toMatchObject({ backend: { id: "b" }, reason: "sticky" });
    }
    expect(pool.choose(context())).toMatchObject({ backend: { id: "a" }, reason: "policy" });
    expect(member(pool, "b").active).toBe(4);
  });

  test("a full backend keeps the pin but not this exchange", () => {
    const pool = poolOf(new RoundRobin(), [options("a", { maxActive: 0 }), "b"]);
    expect(pool.choose(context({ pinned: id("a") }))).toMatchObject({ backend: { id: "b" }, reason: "overflow" });
  });

  test("a session of a backend that is gone is chosen anew", () => {
    const pool = poolOf(new RoundRobin(), ["a"]);
    expect(pool.choose(context({ pinned: id("gone") }))).toMatchObject({ backend: { id: "a" }, reason: "policy" });
  });

  test("the pool's limit holds for sticky exchanges too", () => {
    const pool = poolOf(new RoundRobin(), ["a"], { limit: { limit: 1 } });
    pool.choose(context({ pinned: id("a") }));
    expect(pool.choose(context({ pinned: id("a") }))).toEqual({ kind: "none", reason: "limits" });
  });

  test("a draining pool still serves its sessions", () => {
    const pool = poolOf(new RoundRobin(), ["a"]);
    pool.setDraining(id("a"), true);
    expect(pool.choose(context())).toEqual({ kind: "none", reason: "unavailable" });
    expect(pool.choose(context({ pinned: id("a") }))).toMatchObject({ reason: "sticky" });
  });
});
