import { hashKeyOf } from "../../src/upstream/hash-key.ts";
import { aRequest } from "./support/upstream.ts";

const request = aRequest({
  client: "192.0.2.7",
  path: "/a/b?user=x%20y&user=z&empty=",
  fields: ["Host", "example.com", "X-User", "anna", "x-user", "second", "Cookie", "a=1; sid=42", "Cookie", "late=9"],
});

test.each([
  ["client", "", "192.0.2.7"],
  ["path", "", "/a/b"],
  ["header", "X-USER", "anna"],
  ["header", "X-Other", undefined],
  ["query", "user", "x y"],
  ["query", "empty", ""],
  ["query", "other", undefined],
  ["cookie", "sid", "42"],
  ["cookie", "late", "9"],
  ["cookie", "other", undefined],
] as const)("the %s %s is the key %p", (source, name, key) => {
  expect(hashKeyOf(source, name)(request)).toBe(key);
});

test("a path without a query is its own key, and has no parameters", () => {
  const plain = aRequest({ path: "/x" });
  expect(hashKeyOf("path", "")(plain)).toBe("/x");
  expect(hashKeyOf("query", "user")(plain)).toBeUndefined();
});
