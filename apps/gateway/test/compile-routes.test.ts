import { compileRoutes } from "../src/compile-routes.ts";
import { aConfig } from "./data-plane/support/exchanges.ts";
import { TestPool } from "./data-plane/support/upstream.ts";

const POOL = new TestPool([]);

/** The cache policies of routes with these `cache` settings. */
function policiesOf(...settings: readonly (object | false | undefined)[]) {
  const routes = settings.map((cache, at) => ({ path: `/${at}`, ...(cache === undefined ? {} : { cache }) }));
  const config = aConfig({ routes, cache: { entries: 10, ttl: "60s" } });
  return compileRoutes(config, { get: () => POOL }, () => "secret").map(({ cache }) => cache);
}

test("routes that cache alike share one policy", () => {
  const [first, second, third] = policiesOf({}, undefined, { ttl: "60s" });
  expect(first).toMatchObject({ ttl: 60_000 });
  expect([second === first, third === first]).toEqual([true, true]);
});

test.each([
  ["lifetime", { ttl: "5s" }, { ttl: 5_000 }],
  ["deafness to requests", { ignoreRequestControl: true }, { ignoreRequestControl: true }],
  ["cookies in the key", { key: { cookies: ["a"] } }, { keyCookies: ["a"] }],
  ["parameters in the key", { key: { query: { allow: ["a"] } } }, { query: { mode: "allow" } }],
  [
    "other parameters in the key",
    { key: { query: { allow: ["b"] } } },
    { query: { names: { exact: new Set(["b"]) } } },
  ],
])("a route with its own %s has its own policy", (_what, setting, told) => {
  const [usual, own, other] = policiesOf({}, setting, { key: { query: { allow: ["c"] } } });
  expect(own).toMatchObject(told);
  expect(new Set([usual, own, other]).size).toBe(3);
});

test("a route that does not cache has none", () => {
  expect(policiesOf(false)).toEqual([null]);
});
