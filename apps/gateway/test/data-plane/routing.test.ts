import { normalizePathname } from "@headgate/http";
import { forAll } from "@headgate/testing";
import * as fc from "fast-check";
import { type CompiledRoute, createRouter } from "../../src/routing.ts";
import { aRoute } from "./support/exchanges.ts";

const at = (prefix: string, changes: Partial<CompiledRoute> = {}): CompiledRoute =>
  aRoute({ name: prefix === "" ? "/" : prefix, prefix, ...changes });

/** The name of the route that takes a GET of this path at this host; undefined for none. */
function taken(routes: readonly CompiledRoute[], pathname: string, host = "example.com", method = "GET") {
  return createRouter(routes).route(host, pathname, method, [], pathname)?.name;
}

test.each<[string, string, boolean]>([
  ["/public", "/public", true],
  ["/public", "/public/", true],
  ["/public", "/public/x", true],
  ["/public", "/publicity", false],
  ["/public", "/public-x/y", false],
  ["/public", "/publi", false],
  ["/public", "/Public", false],
  ["/public", "/x/public", false],
  ["/public", "/", false],
  ["/a/b", "/a", false],
  ["/a/b", "/a/bc", false],
  ["/a/b", "/a/b/c", true],
  ["/a", "/a//b", true],
  ["", "/", true],
  ["", "/anything/at/all", true],
  ["", "//", true],
])("a route %p and the path %p: taken %p", (prefix, pathname, expected) => {
  const never = at("/never/ever");
  expect(taken([at(prefix), never], pathname) !== undefined).toBe(expected);
});

test("the first route in the config's order wins, not the longest", () => {
  const routes = [at("/a"), at("/a/b"), at("")];
  expect(["/a/b", "/a", "/b"].map((path) => taken(routes, path))).toEqual(["/a", "/a", "/"]);
});

test("without a route that takes the request there is none", () => {
  expect(taken([at("/a"), at("/b")], "/c")).toBeUndefined();
  expect(taken([], "/")).toBeUndefined();
});

test.each<[string, string, boolean]>([
  ["example.com", "example.com", true],
  ["example.com", "example.com:8443", true],
  ["example.com", "www.example.com", false],
  ["example.com", "example.com.evil.org", false],
  ["example.com", "", false],
  ["[::1]", "[::1]", true],
  ["[::1]", "[::1]:8080", true],
  ["[::1]", "[::2]:8080", false],
  ["*.example.com", "www.example.com:8443", true],
  ["*.example.com", "a.b.example.com", true],
  ["*.example.com", "example.com", false],
  ["*.example.com", ".example.com", false],
  ["*.example.com", "wwwexample.com", false],
  ["*.example.com", "www.example.com.evil.org", false],
])("a route at host %p and a request to %p: taken %p", (host, asked, expected) => {
  expect(taken([at("", { host })], "/", asked) === "/").toBe(expected);
});

test("methods narrow a route, and the next one takes the others", () => {
  const routes = [at("", { name: "reading", methods: new Set(["GET", "HEAD"]) }), at("", { name: "all" })];
  expect(taken(routes, "/", "x", "HEAD")).toBe("reading");
  expect(taken(routes, "/", "x", "POST")).toBe("all");
  expect(taken(routes.slice(0, 1), "/", "x", "POST")).toBeUndefined();
});

test("a single route is still narrowed by what it says", () => {
  expect(taken([at("/a")], "/b")).toBeUndefined();
  expect(taken([at("", { host: "a" })], "/", "b")).toBeUndefined();
  expect(taken([at("", { methods: new Set(["PUT"]) })], "/", "b")).toBeUndefined();
  expect(taken([at("")], "/b")).toBe("/");
});

const segment = fc.stringMatching(/^[A-Za-z0-9._~%-]{1,8}$/);
const path = fc.array(segment, { minLength: 1, maxLength: 4 }).map((segments) => `/${segments.join("/")}`);

test("a path under a prefix is always taken, and one with a longer first segment never", () => {
  forAll(path, path, segment, (prefix, rest, more) => {
    const routes = [at(prefix), at("/never/ever")];
    expect(taken(routes, prefix)).toBe(prefix);
    expect(taken(routes, `${prefix}${rest}`)).toBe(prefix);
    expect(taken(routes, `${prefix}/`)).toBe(prefix);
    expect(taken([at(prefix), at("")], `${prefix}${more}`)).toBe("/");
  });
});

test("what is taken does not depend on routes behind the one that takes it", () => {
  forAll(path, fc.array(path, { maxLength: 4 }), (pathname, prefixes) => {
    const routes = prefixes.map((prefix) => at(prefix));
    const first = taken(routes, normalizePathname(pathname));
    const again = taken([...routes, at("")], normalizePathname(pathname));
    expect(again).toBe(first ?? "/");
  });
});
