import { formatProblem, locateFinding } from "../src/config/errors.ts";
import { parseConfig } from "../src/config/parse.ts";
import { makeSnapshot } from "../src/config/snapshot.ts";
import { aConfig } from "./data-plane/support/exchanges.ts";

const problems = (route: object): string[] =>
  parseConfig({ routes: [route] }).findings.map((finding) => formatProblem(locateFinding(finding, () => undefined)));

const settled = (route: object) => aConfig({ routes: [route] }).routes[0];

const split = [{ pool: "stable", weight: 95 }, { pool: "canary" }];

test.each<[string, object, object]>([
  ["a route without a pool", {}, { pool: "default" }],
  [
    "matches of every kind",
    { headers: { "X-Beta": "1" }, cookies: { beta: true }, query: { v: false } },
    { headers: { "X-Beta": "1" }, cookies: { beta: true }, query: { v: false } },
  ],
  [
    "a split, by a cookie unless told otherwise",
    { split },
    {
      split: [
        { pool: "stable", weight: 95 },
        { pool: "canary", weight: 1 },
      ],
      assign: { cookie: "hg_split", path: "/", sameSite: "lax" },
    },
  ],
  [
    "a split by a cookie of its own",
    { split, assign: { lifetime: "1h" } },
    { assign: { cookie: "hg_split", lifetime: 3_600_000, path: "/", sameSite: "lax" } },
  ],
  [
    "a split by a hash",
    { split, assign: { by: "header", name: "X-User" } },
    { assign: { by: "header", name: "X-User" } },
  ],
  ["a split by nothing", { split, assign: false }, { assign: false }],
  [
    "a mirror",
    { mirror: { pool: "shadow", share: "10%" } },
    { pool: "default", mirror: { pool: "shadow", share: 0.1, timeout: 5000, limit: 100 } },
  ],
])("%s", (_name, route, expected) => {
  expect(problems(route)).toEqual([]);
  expect(settled(route)).toMatchObject(expected);
});

test("a split has no pool of its own", () => {
  expect(settled({ split })?.pool).toBeUndefined();
  expect(settled({})).not.toHaveProperty("assign");
});

test.each<[string, object, string]>([
  ["a pool beside a split", { pool: "a", split }, "routes[0].pool: found "],
  ["an assignment without a split", { assign: false }, "routes[0].assign: found "],
  ["a split without weight", { split: [{ pool: "a", weight: 0 }] }, "expected one weight above 0"],
  ["an empty split", { split: [] }, "expected at least one pool"],
  ["a hash without a name", { split, assign: { by: "cookie" } }, "expected the name of the cookie that is the key"],
  ["a name for the address", { split, assign: { by: "client", name: "x" } }, "expected no name"],
  ["a header's value that is none", { headers: { "X-Beta": 1 } }, "expected a value of the field, true or false"],
  ["a header's name that is none", { headers: { "X Beta": "1" } }, "routes[0].headers"],
  ["more than all", { mirror: { pool: "a", share: "110%" } }, "routes[0].mirror.share"],
])("%s is refused", (_name, route, expected) => {
  expect(problems(route).join("\n")).toContain(expected);
});

test("the snapshot is frozen to its leaves", () => {
  const { sections } = parseConfig({ routes: [{ split }] });
  const { routes } = makeSnapshot(sections as never, { host: "loopback" });
  expect(Object.isFrozen(routes[0]?.split?.[0])).toBe(true);
});
