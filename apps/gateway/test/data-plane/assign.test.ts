import { type FieldList, FieldSection } from "@headgate/http";
import { assign } from "../../src/layers/assign.ts";
import { hashKeyOf } from "../../src/upstream/hash-key.ts";
import { type Assignment, PoolSplit, type Side } from "../../src/upstream/pool-split.ts";
import { TokenCookie } from "../../src/upstream/token-cookie.ts";
import { aGeneration, aResponse, aRoute, aRoutedExchange } from "./support/exchanges.ts";
import { TestPool } from "./support/upstream.ts";

const byCookie: Assignment = {
  by: "cookie",
  secret: "a secret",
  cookie: new TokenCookie({ name: "side", lifetime: 60_000 }),
};
const side = (name: string, weight: number): Side => ({ name, weight, pool: new TestPool([]) });

const splitOf = (assignment: Assignment, stable = 95, canary = 5): PoolSplit =>
  new PoolSplit([side("stable", stable), ...(canary > 0 ? [side("canary", canary)] : [])], assignment);

/** What one request comes to: its pool, why, its Cookie fields after, and the Set-Cookie of its response. */
function visit(split: PoolSplit, fields: FieldList, random = 0.99, scheme: "http" | "https" = "http") {
  const layer = assign({ random: () => random });
  const generation = aGeneration({ routes: [aRoute({ pool: null, split })] });
  const exchange = aRoutedExchange({ fields: [...fields], generation, scheme });
  void layer.enter?.(exchange);
  const response = aResponse();
  void layer.leave?.(exchange, response);
  const { pool, poolWhy } = exchange.record;
  expect(exchange.pool).toBe(split.sides.find(({ name }) => name === pool)?.pool);
  return {
    pool,
    poolWhy,
    cookies: exchange.head.fields.filter((_, i, all) => all[i - 1] === "Cookie"),
    set: response.fields[1],
  };
}

const tokenIn = (set: string | undefined): string => set?.split(";", 1)[0] ?? "";

test("a new client is drawn, and told by a cookie that keeps it there", () => {
  const split = splitOf(byCookie);
  const first = visit(split, []);
  expect(first).toMatchObject({ pool: "canary", poolWhy: "draw-new" });
  expect(first.set).toMatch(/^side=[\w-]{22}; Path=\/; Max-Age=60; HttpOnly; SameSite=Lax$/);
  const again = visit(split, ["Cookie", `a=1; ${tokenIn(first.set)}`], 0);
  expect(again).toEqual({ pool: "canary", poolWhy: "cookie", cookies: ["a=1"], set: undefined });
});

test("over https the cookie is Secure", () => {
  expect(visit(splitOf(byCookie), [], 0, "https").set).toContain("; Secure");
});

test("all who share the secret know the cookie, and nobody else", () => {
  const cookie = tokenIn(visit(splitOf(byCookie), []).set);
  expect(visit(splitOf(byCookie), ["Cookie", cookie], 0).pool).toBe("canary");
  expect(visit(splitOf({ ...byCookie, secret: "another" }), ["Cookie", cookie], 0)).toMatchObject({
    pool: "stable",
    poolWhy: "draw-reassigned",
  });
  expect(visit(splitOf(byCookie), ["Cookie", "side=canary"], 0)).toMatchObject({
    pool: "stable",
    poolWhy: "draw-reassigned",
    cookies: [],
  });
});

test("a client whose pool has lost its weight or left is assigned anew", () => {
  const cookie = tokenIn(visit(splitOf(byCookie), []).set);
  const moved = visit(splitOf(byCookie, 100, 0), ["Cookie", cookie]);
  expect(moved).toMatchObject({ pool: "stable", poolWhy: "draw-reassigned", cookies: [] });
  expect(visit(splitOf(byCookie), ["Cookie", tokenIn(moved.set)]).pool).toBe("stable");
});

test("by a hash the same key has the same side, without a cookie", () => {
  const split = splitOf({ by: "hash", key: hashKeyOf("header", "X-User") }, 50, 50);
  const pools = Array.from({ length: 50 }, (_, user) => visit(split, ["X-User", `u${user}`]));
  expect(new Set(pools.map(({ pool }) => pool))).toEqual(new Set(["stable", "canary"]));
  expect(pools.every(({ poolWhy, set }) => poolWhy === "hash" && set === undefined)).toBe(true);
  expect(Array.from({ length: 50 }, (_, user) => visit(split, ["X-User", `u${user}`], 0))).toEqual(pools);
  expect(visit(split, [], 0)).toMatchObject({ pool: "stable", poolWhy: "draw-no-key" });
});

test("with nothing to go by each request is drawn", () => {
  const split = splitOf({ by: "draw" });
  expect([0, 0.94, 0.96].map((random) => visit(split, [], random))).toMatchObject([
    { pool: "stable", poolWhy: "draw-each", set: undefined },
    { pool: "stable" },
    { pool: "canary" },
  ]);
});

test("requests of a connection that sends the same cookie again all stay where it says", () => {
  const split = splitOf(byCookie);
  const cookie = visit(split, [], 0.99).set?.split(";", 1)[0] ?? "";
  const section = new FieldSection(["Host", "a", "Cookie", cookie]);
  const layer = assign({ random: () => 0 });
  const generation = aGeneration({ routes: [aRoute({ pool: null, split })] });
  const pools = [1, 2].map(() => {
    const exchange = aRoutedExchange({ section, generation });
    void layer.enter?.(exchange);
    expect(exchange.head.section.list).toEqual(["Host", "a"]);
    return exchange.record.pool;
  });
  expect(pools).toEqual(["canary", "canary"]);
});

test("a route with one pool is no concern of it", () => {
  const exchange = aRoutedExchange({ fields: ["Cookie", "side=x"] });
  const { pool } = exchange;
  const layer = assign({ random: () => 0 });
  void layer.enter?.(exchange);
  const response = aResponse();
  void layer.leave?.(exchange, response);
  expect([exchange.pool, exchange.record.poolWhy, response.fields, exchange.head.fields.slice(2)]).toEqual([
    pool,
    null,
    [],
    ["Cookie", "side=x"],
  ]);
});
