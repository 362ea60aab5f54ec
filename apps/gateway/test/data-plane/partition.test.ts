import { compileConditions } from "../../src/routing/conditions.ts";
import { partitioned } from "../../src/routing/partition.ts";
import type { CompiledRoute } from "../../src/routing.ts";
import { PoolSplit } from "../../src/upstream/pool-split.ts";
import type { UpstreamPool } from "../../src/upstream/upstream-pool.ts";
import { aRoute } from "./support/exchanges.ts";

const pool = (name: string): UpstreamPool => ({ ...aRoute().pool, name }) as UpstreamPool;
const conditions = compileConditions({ headers: { "X-Beta": "1" } });
const to = (name: string, changes: Partial<CompiledRoute> = {}) => aRoute({ pool: pool(name), ...changes });
const split = (...names: string[]): Partial<CompiledRoute> => {
  const [first, ...others] = names.map((name) => ({ name, weight: 1, pool: pool(name) }));
  if (first === undefined) throw new Error("a split has sides");
  return { pool: null, split: new PoolSplit([first, ...others], { by: "draw" }) };
};

test.each<[string, CompiledRoute[], boolean[]]>([
  [
    "routes by path and host alone",
    [to("a", { prefix: "/x" }), to("b", { host: "h" }), to("c")],
    [false, false, false],
  ],
  ["routes by a header to another pool", [to("beta", { conditions }), to("main")], [true, true]],
  ["routes by a header to the same pool", [to("main", { conditions }), to("main")], [false, false]],
  [
    "a path that no such route touches",
    [to("beta", { conditions, prefix: "/x" }), to("y", { prefix: "/y" }), to("main")],
    [true, false, true],
  ],
  [
    "a path below one with such a route",
    [to("x", { prefix: "/x/y" }), to("beta", { conditions, prefix: "/x" })],
    [true, true],
  ],
  [
    "paths that share letters but no segment",
    [to("x", { prefix: "/xy" }), to("beta", { conditions, prefix: "/x" })],
    [false, false],
  ],
  ["other hosts", [to("beta", { conditions, host: "a" }), to("main", { host: "b" })], [false, false]],
  ["a host below a wildcard", [to("beta", { conditions, host: "*.com" }), to("main", { host: "a.com" })], [true, true]],
  ["a split", [aRoute(split("a", "b")), to("a", { prefix: "/other" })], [true, true]],
  ["a split of one, as it may be tomorrow", [aRoute(split("a"))], [true]],
  [
    "what is never answered from the cache",
    [to("b", { conditions, methods: new Set(["POST"]) }), to("a")],
    [false, false],
  ],
  ["GET and HEAD on different ways", [to("b", { methods: new Set(["HEAD"]) }), to("a")], [true, true]],
  ["writes on another way than reads", [to("b", { methods: new Set(["POST", "PUT"]) }), to("a")], [false, false]],
])("%s", (_name, routes, expected) => {
  expect(partitioned(routes)).toEqual(expected);
});
