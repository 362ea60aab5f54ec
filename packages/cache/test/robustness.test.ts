import { fieldValue, forAll } from "@headgate/testing";
import * as fc from "fast-check";
import { ModelCache } from "./model.ts";

const REQUEST_FIELDS = ["Cache-Control", "Pragma", "Range", "If-Range", "If-None-Match", "If-Modified-Since", "Cookie"];
const RESPONSE_FIELDS = [
  "Cache-Control",
  "CDN-Cache-Control",
  "Age",
  "Date",
  "Expires",
  "Last-Modified",
  "ETag",
  "Vary",
  "Content-Range",
  "Content-Location",
  "Location",
  "Surrogate-Key",
  "Cache-Tag",
  "Connection",
];

/** Fields of these names, some of them twice, with any value that may come over the wire. */
function someOf(names: readonly string[]): fc.Arbitrary<string[]> {
  const telling = fc.constantFrom("max-age=60", "public", "bytes=0-1", "bytes 0-1/9", "*", '"a"', "0", "/");
  const pair = fc.tuple(fc.constantFrom(...names), fc.oneof(fieldValue(), telling));
  return fc.array(pair, { maxLength: 8 }).map((pairs) => pairs.flat());
}

test("whatever fields come from either side, a request gets an answer and nothing throws", () => {
  const exchange = fc.record({
    method: fc.constantFrom("GET", "HEAD", "POST", "QUERY"),
    asked: someOf(REQUEST_FIELDS),
    status: fc.constantFrom(200, 206, 304, 404, 503),
    answered: someOf(RESPONSE_FIELDS),
  });
  forAll(fc.array(exchange, { maxLength: 12 }), (exchanges) => {
    let next = { status: 200, fields: [] as string[], body: "ab" };
    const cache = new ModelCache(() => next, { ttl: 1000 });
    return exchanges.every(({ method, asked, status, answered }) => {
      next = { status, fields: answered, body: method === "HEAD" ? "" : "ab" };
      cache.now += 400;
      const hasBody = method === "POST" || method === "QUERY";
      const response = cache.send({ method, fields: asked, ...(hasBody ? { body: "x" } : {}) });
      return response.status >= 200;
    });
  });
});
