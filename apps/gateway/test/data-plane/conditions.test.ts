import type { FieldList } from "@headgate/http";
import { type Conditions, compileConditions } from "../../src/routing/conditions.ts";

const holds = (wanted: Conditions, fields: FieldList, path = "/"): boolean =>
  compileConditions(wanted)?.every((condition) => condition(fields, path)) ?? true;

test("nothing wanted is no condition", () => {
  expect(compileConditions({})).toBeNull();
  expect(compileConditions({ headers: {}, cookies: {}, query: {} })).toBeNull();
});

test.each<[string, Conditions, FieldList, boolean]>([
  ["the value", { headers: { "X-Beta": "1" } }, ["x-beta", "1"], true],
  ["another value", { headers: { "X-Beta": "1" } }, ["X-Beta", "11"], false],
  ["no value", { headers: { "X-Beta": "1" } }, [], false],
  ["one of several lines", { headers: { "X-Beta": "1" } }, ["X-Beta", "0", "X-BETA", "1"], true],
  ["a beginning", { headers: { "User-Agent": "curl/*" } }, ["User-Agent", "curl/8.0"], true],
  ["another beginning", { headers: { "User-Agent": "curl/*" } }, ["User-Agent", "my curl/8.0"], false],
  ["anything", { headers: { "X-Beta": true } }, ["X-Beta", ""], true],
  ["anything, where nothing is", { headers: { "X-Beta": true } }, ["X-Alpha", "1"], false],
  ["nothing", { headers: { "X-Beta": false } }, [], true],
  ["nothing, where something is", { headers: { "X-Beta": false } }, ["X-Beta", "1"], false],
  ["a cookie", { cookies: { beta: "on" } }, ["Cookie", "a=1; beta=on"], true],
  ["a cookie in a second line", { cookies: { beta: "on" } }, ["Cookie", "a=1", "cookie", "beta=on"], true],
  ["a cookie of another value", { cookies: { beta: "on" } }, ["Cookie", "beta=off; xbeta=on"], false],
  ["a cookie's name in its own case", { cookies: { beta: true } }, ["Cookie", "Beta=on"], false],
  ["no cookie", { cookies: { beta: false } }, ["Cookie", "a=beta"], true],
  ["all of several", { headers: { a: "1" }, cookies: { b: "2" } }, ["A", "1", "Cookie", "b=2"], true],
  ["one of several", { headers: { a: "1" }, cookies: { b: "2" } }, ["A", "1"], false],
])("%s", (_name, wanted, fields, expected) => {
  expect(holds(wanted, fields)).toBe(expected);
});

test.each<[string | boolean, string, boolean]>([
  ["1", "/?v=1", true],
  ["1", "/?v=2&v=1", true],
  ["1", "/?w=1", false],
  ["a b", "/?v=a%20b", true],
  ["a*", "/?v=abc", true],
  [true, "/?v", true],
  [true, "/?vv=1", false],
  [true, "/v=1", false],
  [false, "/", true],
])("a parameter v of %p and the target %s: %p", (wanted, path, expected) => {
  expect(holds({ query: { v: wanted } }, [], path)).toBe(expected);
});
