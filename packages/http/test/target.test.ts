import { authority, forAll } from "@headgate/testing";
import * as fc from "fast-check";
import { normalizePathname, planTarget, splitAuthority } from "../src/index.ts";

test("a plain path is taken as it is", () => {
  expect(planTarget("GET", "/a/b?x=1&y=/../%2e", "Example.COM:8080")).toEqual({
    kind: "accept",
    path: "/a/b?x=1&y=/../%2e",
    pathname: "/a/b",
    normalizedPathname: "/a/b",
    query: "x=1&y=/../%2e",
    host: "example.com:8080",
  });
});

test.each([
  ["//evil/path", "//evil/path", "good", "/evil/path"],
  ["/http://evil/", "/http://evil/", "good", "/http:/evil/"],
  ["/@evil", "/@evil", "good", "/@evil"],
  ["http://Other:81/p?q", "/p?q", "other:81", "/p"],
  ["HTTPS://other", "/", "other", "/"],
  ["http://other?q", "/?q", "other", "/"],
  ["http://other//evil/x", "//evil/x", "other", "/evil/x"],
  ["http://[::1]:8080/x", "/x", "[::1]:8080", "/x"],
  ["/public/../secret", "/public/../secret", "good", "/secret"],
  ["/a|b{c}\xe9", "/a|b{c}\xe9", "good", "/a|b{c}\xe9"],
])("%s is sent as %s to %s and matched as %s", (target, path, host, normalizedPathname) => {
  expect(planTarget("GET", target, "good")).toMatchObject({ kind: "accept", path, host, normalizedPathname });
});

test.each([
  "",
  "x",
  "a/b",
  "/a#b",
  "/a?b#c",
  "/a b",
  "/a\tb",
  "/a\r\nX: y",
  "/a\0",
  "/a\x7f",
  "/a\\b",
  "\\\\evil",
  "/a?b c",
  "/\u0100",
  "*",
  "ftp://other/",
  "http:///x",
  "http://",
  "http:/x",
  "http://user@other/",
  "http://user:pw@other/",
  "http://other\\@evil/",
  "http://other /",
  "http://other/#f",
  "javascript:alert(1)",
  "other:443",
])("refuses %j with 400", (target) => {
  expect(planTarget("GET", target, "good")).toMatchObject({ kind: "refuse", status: 400, code: "invalid-target" });
});

test("a backslash may stand in a query, where it is no slash to anybody", () => {
  expect(planTarget("GET", "/a?b=\\c", "good")).toMatchObject({ kind: "accept", path: "/a?b=\\c" });
});

test("asterisk-form is for OPTIONS, CONNECT is refused, a long target is 414", () => {
  expect(planTarget("OPTIONS", "*", "A")).toEqual({ kind: "asterisk", host: "a" });
  expect(planTarget("OPTIONS", "http://B", "a")).toEqual({ kind: "asterisk", host: "b" });
  expect(planTarget("OPTIONS", "http://B/", "a")).toMatchObject({ kind: "accept", path: "/" });
  expect(planTarget("CONNECT", "a:443", "a:443")).toMatchObject({ status: 405, code: "method-not-allowed" });
  expect(planTarget("GET", `/${"a".repeat(8192)}`, "a")).toMatchObject({ status: 414, code: "uri-too-long" });
  expect(planTarget("GET", "/abc", "a", 4).kind).toBe("accept");
  expect(planTarget("GET", "/abcd", "a", 4)).toMatchObject({ status: 414 });
});

test("the host may be absent, and an empty port is none", () => {
  expect(planTarget("GET", "/", undefined)).toMatchObject({ host: "" });
  expect(planTarget("GET", "/", "A:")).toMatchObject({ host: "a" });
});

test("an origin-form target never changes the host nor what is sent", () => {
  const target = fc.string({ unit: "binary-ascii" }).map((s) => `/${s}`);
  forAll(target, authority(), (raw, host) => {
    const plan = planTarget("GET", raw, host);
    if (plan.kind !== "accept") return;
    expect(plan.path).toBe(raw);
    expect(plan.host).toBe(host.toLowerCase());
    expect(plan.pathname + (raw.includes("?") ? `?${plan.query}` : "")).toBe(raw);
  });
});

test.each([
  ["/", "/"],
  ["/a/b/", "/a/b/"],
  ["/.well-known/x..y/...", "/.well-known/x..y/..."],
  ["/a/./b/../c", "/a/c"],
  ["/a/b/..", "/a/"],
  ["/a/.", "/a/"],
  ["/..", "/"],
  ["/../../etc", "/etc"],
  ["/public/%2e%2E/secret", "/secret"],
  ["/public/.%2e/secret", "/secret"],
  ["/public/..%2fsecret", "/secret"],
  ["/public/..%5Csecret", "/secret"],
  ["/public/..;/secret", "/secret"],
  ["/public/..;x=y/secret", "/secret"],
  ["/secret;jsessionid=1", "/secret"],
  ["/%73ecret", "/secret"],
  ["//secret", "/secret"],
  ["/a//b///c//", "/a/b/c/"],
  ["/a%20b%c3%a9", "/a%20b%C3%A9"],
  ["/a%252e%252e/b", "/a%252e%252e/b"],
  ["/100%/%zz", "/100%/%zz"],
])("normalizePathname(%j) is %j", (pathname, normalized) => {
  expect(normalizePathname(pathname)).toBe(normalized);
});

test("a normalized path has no dot or empty segment left and begins with one slash", () => {
  const piece = fc.constantFrom("/", ".", "..", "%2e", "%2F", "%5c", ";", "a", "b", "%25", "%");
  forAll(fc.array(piece, { maxLength: 12 }), (pieces) => {
    const normalized = normalizePathname(`/${pieces.join("")}`);
    expect(normalized).not.toMatch(/\/\/|\/\.{1,2}(\/|$)|;/);
    expect(normalized).toMatch(/^\//);
  });
});

test.each([
  ["a", { host: "a", port: undefined }],
  ["a:", { host: "a", port: undefined }],
  ["a:8080", { host: "a", port: 8080 }],
  ["[::1]", { host: "::1", port: undefined }],
  ["[::1]:443", { host: "::1", port: 443 }],
])("splitAuthority(%s)", (value, parts) => {
  expect(splitAuthority(value)).toEqual(parts);
});
