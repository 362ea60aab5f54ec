import { type CompressionInput, planCompression } from "../../src/compression/plan-compression.ts";

function plan(changes: Partial<CompressionInput> = {}): string {
  const planned = planCompression({
    status: 200,
    fields: ["Content-Type", "text/plain"],
    acceptEncoding: "gzip, br",
    length: 5000,
    minimum: 1024,
    encodings: ["br", "zstd", "gzip", "deflate"],
    ...changes,
  });
  if (planned.kind === "encode") return planned.coding;
  return planned.varies ? `${planned.reason}, varies` : planned.reason;
}

const text = (...fields: string[]): Partial<CompressionInput> => ({
  fields: ["Content-Type", "text/plain", ...fields],
});
const ofType = (type: string): Partial<CompressionInput> => ({ fields: ["Content-Type", type] });

test.each<[string, Partial<CompressionInput>, string]>([
  ["a text", {}, "br"],
  ["an error page", { status: 404 }, "br"],
  ["a text of unknown length", { length: null }, "br"],
  ["a text of just the least size", { length: 1024 }, "br"],
  ["a text below the least size", { length: 1023 }, "small"],
  ["no content", { status: 204, length: 0 }, "status"],
  ["a reset form", { status: 205 }, "status"],
  ["what has not changed", { status: 304 }, "status"],
  ["an interim or upgraded one", { status: 101 }, "status"],
  ["a part", { status: 206 }, "range"],
  ["a part that does not say so", text("Content-Range", "bytes 0-1/9"), "range"],
  ["what is encoded already", text("content-encoding", "gzip"), "encoded"],
  ["what is said to be encoded by nothing", text("Content-Encoding", "identity"), "encoded"],
  ["what must not be changed", text("Cache-Control", "public, No-Transform"), "no-transform"],
  [
    "what must not be changed, by a second field",
    text("cache-control", "public", "Cache-Control", "no-transform"),
    "no-transform",
  ],
  ["no type", { fields: [] }, "type"],
  ["a malformed type", ofType(";;"), "type"],
])("%s: %s", (_name, changes, expected) => {
  expect(plan(changes)).toBe(expected);
});

test.each<[string, string]>([
  ["text/html; charset=utf-8", "br"],
  ["TEXT/HTML", "br"],
  ["application/json", "br"],
  ["application/problem+json", "br"],
  ["image/svg+xml", "br"],
  ["application/javascript", "br"],
  ["application/wasm", "br"],
  ["image/png", "type"],
  ["video/mp4", "type"],
  ["application/zip", "type"],
  ["application/octet-stream", "type"],
  ["text/event-stream", "type"],
  ["text/event-stream; charset=utf-8", "type"],
])("the type %s: %s", (type, expected) => {
  expect(plan(ofType(type))).toBe(expected);
  expect(plan(ofType(type))).toBe(expected);
});

test.each<[string | undefined, string]>([
  [undefined, "not-accepted, varies"],
  ["", "not-accepted, varies"],
  ["identity", "not-accepted, varies"],
  ["compress", "not-accepted, varies"],
  ["gzip;q=0", "not-accepted, varies"],
  ["gzip", "gzip"],
  ["gzip, deflate, br, zstd", "br"],
  ["gzip;q=1, br;q=0.5", "gzip"],
  ["zstd", "zstd"],
  ["deflate", "deflate"],
  ["*", "br"],
  ["*;q=0.1, gzip;q=0.2", "gzip"],
])("a client that accepts %p gets %s", (acceptEncoding, expected) => {
  expect(plan({ acceptEncoding })).toBe(expected);
});

test("what is not on offer is not given", () => {
  expect(plan({ encodings: ["gzip"], acceptEncoding: "br, gzip;q=0.1" })).toBe("gzip");
  expect(plan({ encodings: [] })).toBe("not-accepted, varies");
});

test("what no client would get encoded does not vary", () => {
  expect(plan({ acceptEncoding: undefined, length: 10 })).toBe("small");
  expect(plan({ acceptEncoding: undefined, ...ofType("image/png") })).toBe("type");
});
