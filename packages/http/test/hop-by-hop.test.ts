import { fieldList, forAll } from "@headgate/testing";
import { connectionOptions, endToEnd, isHopByHop } from "../src/index.ts";

test("knows the hop-by-hop fields", () => {
  expect(isHopByHop("te")).toBe(true);
  expect(isHopByHop("proxy-authorization")).toBe(true);
  expect(isHopByHop("content-length")).toBe(false);
});

test.each([
  [["Host", "a"], undefined],
  [
    ["Connection", "Keep-Alive, X-Foo", "connection", "close"],
    ["keep-alive", "x-foo", "close"],
  ],
  [["Connection", ""], []],
])("connectionOptions(%j)", (list, options) => {
  expect(connectionOptions(list)).toEqual(options);
});

test("drops hop-by-hop fields and those that Connection lists, in any case, and keeps the order", () => {
  const list = ["A", "1", "TE", "trailers", "CONNECTION", "x-gone, upgrade", "X-Gone", "2", "Upgrade", "h2c", "B", "3"];
  const before = [...list];
  expect(endToEnd(list)).toEqual(["A", "1", "B", "3"]);
  expect(list).toEqual(before);
});

test.each([
  "Host",
  "Content-Length",
  "Content-Type",
  "Authorization",
  "Cookie",
  "Cache-Control",
  "X-Forwarded-For",
  "x-forwarded-anything",
  "Forwarded",
  "Via",
  "Set-Cookie",
  "If-None-Match",
  "X-Request-Id",
])("keeps %s even where Connection lists it", (name) => {
  expect(endToEnd(["Connection", `close, ${name}, x-b`, name, "v", "X-B", "w"])).toEqual([name, "v"]);
});

test("drops the pseudo-fields of HTTP/2", () => {
  expect(endToEnd([":method", "GET", ":authority", "a", "accept", "*/*"])).toEqual(["accept", "*/*"]);
});

test("no hop-by-hop field is ever left, and nothing is made up", () => {
  forAll(fieldList(), (list) => {
    const kept = endToEnd(list);
    for (let i = 0; i < kept.length; i += 2) {
      expect(isHopByHop(kept[i]?.toLowerCase() ?? "")).toBe(false);
      expect(list).toContain(kept[i]);
    }
    expect(endToEnd(kept)).toEqual(kept);
  });
});
