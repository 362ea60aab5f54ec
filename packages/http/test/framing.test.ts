import { authority, fieldList, forAll } from "@headgate/testing";
import * as fc from "fast-check";
import { type HttpVersion, PROBLEM_CODES, planFraming } from "../src/index.ts";

const H = ["Host", "a"];

test.each<[HttpVersion, string, string[], object]>([
  ["1.1", "GET", H, { kind: "none" }],
  ["1.0", "GET", [], { kind: "none" }],
  ["1.1", "POST", [...H, "Content-Length", "0"], { kind: "length", length: 0 }],
  ["1.1", "DELETE", [...H, "content-length", "0042"], { kind: "length", length: 42 }],
  ["1.1", "POST", [...H, "Transfer-Encoding", "Chunked"], { kind: "chunked" }],
  ["1.1", "OPTIONS", [...H, "transfer-encoding", "chunked"], { kind: "chunked" }],
  ["1.1", "TRACE", [...H, "Content-Length", "0"], { kind: "length", length: 0 }],
  ["2.0", "POST", [":authority", "a"], { kind: "stream" }],
  ["2.0", "POST", [":authority", "a", "host", "a", "content-length", "3"], { kind: "length", length: 3 }],
])("HTTP/%s %s %j is framed", (version, method, fields, plan) => {
  expect(planFraming(version, method, fields)).toEqual(plan);
});

test.each<[string, HttpVersion, string[]]>([
  ["length-with-transfer-encoding", "1.1", [...H, "Content-Length", "5", "Transfer-Encoding", "chunked"]],
  ["length-with-transfer-encoding", "1.1", [...H, "Transfer-Encoding", "chunked", "Content-Length", "0"]],
  ["repeated-content-length", "1.1", [...H, "Content-Length", "5", "Content-Length", "6"]],
  ["repeated-content-length", "1.1", [...H, "Content-Length", "5", "content-length", "5"]],
  ["repeated-content-length", "1.1", [...H, "Content-Length", "5, 5"]],
  ["invalid-content-length", "1.1", [...H, "Content-Length", ""]],
  ["invalid-content-length", "1.1", [...H, "Content-Length", "+5"]],
  ["invalid-content-length", "1.1", [...H, "Content-Length", "-5"]],
  ["invalid-content-length", "1.1", [...H, "Content-Length", "0x5"]],
  ["invalid-content-length", "1.1", [...H, "Content-Length", "5 5"]],
  ["invalid-content-length", "1.1", [...H, "Content-Length", "5e1"]],
  ["invalid-content-length", "1.1", [...H, "Content-Length", "\u00b2"]],
  ["content-too-large", "1.1", [...H, "Content-Length", "9007199254740993"]],
  ["invalid-transfer-encoding", "1.1", [...H, "Transfer-Encoding", ""]],
  ["invalid-transfer-encoding", "1.1", [...H, "Transfer-Encoding", "identity"]],
  ["invalid-transfer-encoding", "1.1", [...H, "Transfer-Encoding", "xchunked"]],
  ["invalid-transfer-encoding", "1.1", [...H, "Transfer-Encoding", '"chunked"']],
  ["invalid-transfer-encoding", "1.1", [...H, "Transfer-Encoding", "chunked, chunked"]],
  ["invalid-transfer-encoding", "1.1", [...H, "Transfer-Encoding", "chunked, gzip"]],
  ["invalid-transfer-encoding", "1.1", [...H, "Transfer-Encoding", "chunked;a=b"]],
  ["invalid-transfer-encoding", "1.1", [...H, "Transfer-Encoding", "chunked", "Transfer-Encoding", "chunked"]],
  ["invalid-transfer-encoding", "1.1", [...H, "Transfer-Encoding", "chunked", "Transfer-Encoding", "x"]],
  ["unsupported-transfer-encoding", "1.1", [...H, "Transfer-Encoding", "gzip, chunked"]],
  ["invalid-transfer-encoding", "1.0", [...H, "Transfer-Encoding", "chunked"]],
  ["invalid-transfer-encoding", "2.0", [":authority", "a", "transfer-encoding", "chunked"]],
  ["missing-host", "1.1", []],
  ["missing-host", "2.0", []],
  ["repeated-host", "1.1", ["Host", "a", "host", "a"]],
  ["repeated-host", "1.0", ["Host", "a", "host", "b"]],
  ["repeated-host", "2.0", [":authority", "a", "host", "b"]],
  ["repeated-host", "2.0", ["host", "b", ":authority", "a"]],
  ["invalid-host", "1.1", ["Host", ""]],
  ["invalid-host", "1.1", ["Host", "user@a"]],
  ["invalid-host", "1.1", ["Host", "a/b"]],
  ["invalid-host", "1.1", ["Host", "a b"]],
  ["invalid-host", "1.1", ["Host", "a,b"]],
  ["invalid-host", "1.1", ["Host", "a?b"]],
  ["invalid-host", "1.1", ["Host", "a\\b"]],
  ["invalid-host", "1.1", ["Host", "a:80:80"]],
  ["invalid-host", "1.1", ["Host", "a:b"]],
  ["invalid-host", "1.1", ["Host", "::1"]],
  ["invalid-host", "1.1", ["Host", "[::1"]],
  ["invalid-host", "1.1", ["Host", "\xe9"]],
  ["malformed-field", "1.1", [...H, "X", "a\0b"]],
  ["malformed-field", "1.1", [...H, "X", "a\r\n b"]],
  ["malformed-field", "1.1", [...H, "Transfer-Encoding", "\x0bchunked"]],
  ["malformed-field", "1.1", [...H, "X", "\x7f"]],
])("refuses with %s in HTTP/%s: %j", (code, version, fields) => {
  const plan = planFraming(version, "POST", fields);
  expect(plan).toMatchObject({ kind: "refuse", code });
  expect(PROBLEM_CODES).toContain(code);
});

test("a field whose name merely is as long as another's is let through", () => {
  expect(planFraming("1.1", "GET", [...H, "Frob", "a b", "X-Content-Lengt", "x", "Contents-Length", "1"])).toEqual({
    kind: "none",
  });
});

test("the statuses tell what is not known from what is wrong", () => {
  expect(planFraming("1.1", "POST", [...H, "Transfer-Encoding", "gzip, chunked"])).toMatchObject({ status: 501 });
  expect(planFraming("1.1", "POST", [...H, "Content-Length", "99999999999999999"])).toMatchObject({ status: 413 });
  expect(planFraming("1.1", "POST", [...H, "Content-Length", "x"])).toMatchObject({ status: 400 });
});

test("TRACE has no content", () => {
  const fields = [...H, "Content-Length", "1"];
  expect(planFraming("1.1", "TRACE", fields)).toMatchObject({ code: "content-not-allowed" });
  expect(planFraming("1.1", "TRACE", [...H, "Transfer-Encoding", "chunked"])).toMatchObject({
    code: "content-not-allowed",
  });
});

test("every plain authority is a valid Host", () => {
  forAll(authority(), (value) => planFraming("1.1", "GET", ["Host", value]).kind === "none");
});

test("whatever is accepted has one Host and at most one way to tell its length", () => {
  const extra = fc.constantFrom("Transfer-Encoding", "Content-Length", "Host");
  const value = fc.constantFrom("chunked", "5", "a", "5,5", "gzip");
  const fields = fc.tuple(fieldList(), fc.array(fc.tuple(extra, value), { maxLength: 3 }));
  forAll(fields, ([list, more]) => {
    const all = [...list, ...more.flat()];
    if (planFraming("1.1", "POST", all).kind === "refuse") return;
    const names = all.filter((_, i) => i % 2 === 0).map((name) => name.toLowerCase());
    expect(names.filter((name) => name === "host")).toHaveLength(1);
    expect(names.filter((name) => /^(content-length|transfer-encoding)$/.test(name)).length).toBeLessThan(2);
  });
});
