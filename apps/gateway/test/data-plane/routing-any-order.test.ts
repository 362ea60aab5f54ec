import { forAll } from "@headgate/testing";
import * as fc from "fast-check";
import { compileConditions } from "../../src/routing/conditions.ts";
import { type CompiledRoute, createRouter } from "../../src/routing.ts";
import { aRoute } from "./support/exchanges.ts";
import { linearRoute } from "./support/linear-router.ts";

// Few names, so that routes and requests meet often; empty segments and odd hosts among them.
const segment = fc.constantFrom("", "a", "b", "ab", "a.b");
const prefix = fc.array(segment, { maxLength: 3 }).map((all) =>
  all
    .map((each) => `/${each}`)
    .join("")
    .replace(/\/+$/, ""),
);
const label = fc.constantFrom("a", "b", "com", "");
const name = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join("."));
const routeHost = fc.oneof(
  fc.constant(null),
  name,
  name.map((each) => `*.${each}`),
  fc.constant("[::1]"),
);
const wanted = fc.constantFrom<string | boolean>("1", "2", "1*", true, false);
const condition = fc.option(
  fc.record({
    headers: fc.option(fc.record({ "X-Beta": wanted }), { nil: undefined }),
    query: fc.option(fc.record({ q: wanted }), { nil: undefined }),
  }),
  { nil: {} },
);
const methods = fc.option(fc.uniqueArray(fc.constantFrom("GET", "HEAD", "POST"), { minLength: 1 }));

const routes = fc.array(fc.record({ prefix, host: routeHost, methods, condition }), { maxLength: 12 }).map((all) =>
  all.map(
    (each, index): CompiledRoute =>
      aRoute({
        name: `${index}`,
        prefix: each.prefix,
        host: each.host,
        methods: each.methods === null ? null : new Set(each.methods),
        conditions: compileConditions(each.condition),
      }),
  ),
);

const request = fc.record({
  host: fc.oneof(
    name,
    name.map((each) => `${each}:8080`),
    fc.constantFrom("", "[::1]", "[::1]:80", ".", "..com"),
  ),
  pathname: fc.oneof(
    fc.array(segment, { minLength: 1, maxLength: 5 }).map((all) => all.map((each) => `/${each}`).join("")),
    fc.constantFrom("*", "", "//", "/a/"),
  ),
  method: fc.constantFrom("GET", "HEAD", "POST", "PUT"),
  fields: fc.constantFrom([], ["x-beta", "1"], ["X-Beta", "12", "X-Beta", "2"]),
  query: fc.constantFrom("", "?q=1", "?q=", "?p=1"),
});

test("the index finds what a scan in the config's order finds", () => {
  forAll(routes, fc.array(request, { minLength: 1, maxLength: 20 }), (table, requests) => {
    const { route } = createRouter(table);
    const scan = linearRoute(table);
    for (const { host, pathname, method, fields, query } of requests) {
      const asked = [host, pathname, method, fields, pathname + query] as const;
      expect(route(...asked)?.name).toBe(scan(...asked)?.name);
    }
  });
});

test("whatever else a request has, its route is among all that its URL may lead to, and the last of them takes any", () => {
  forAll(routes, request, (table, { host, pathname, method, fields, query }) => {
    const { route, routesOf } = createRouter(table);
    const all = routesOf(host, pathname, method);
    const found = route(host, pathname, method, fields, pathname + query);
    if (found !== undefined) expect(all).toContain(found);
    expect(all.map((each) => Number(each.name))).toEqual(all.map((each) => Number(each.name)).sort((a, b) => a - b));
    expect(all.slice(0, -1).every(({ conditions }) => conditions !== null)).toBe(true);
    const unconditional = table.map((each) => ({ ...each, conditions: null }));
    expect(all[0]?.name).toBe(linearRoute(unconditional)(host, pathname, method, fields, pathname)?.name);
  });
});

test("a thousand routes are found by few looks", () => {
  let looks = 0;
  const counting = (): boolean => {
    looks++;
    return true;
  };
  const many = Array.from({ length: 1000 }, (_, index) =>
    aRoute({
      name: `${index}`,
      prefix: `/api/v${index}`,
      host: index % 2 === 0 ? null : `h${index}.example.com`,
      conditions: [counting],
    }),
  );
  const { route } = createRouter(many);
  expect(route("h999.example.com", "/api/v999/users", "GET", [], "/api/v999/users")?.name).toBe("999");
  expect(route("h999.example.com", "/api/v998/users", "GET", [], "/api/v998/users")?.name).toBe("998");
  expect(looks).toBe(2);
});
