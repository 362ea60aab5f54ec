import type { Exchange } from "../../src/exchange.ts";
import { admit } from "../../src/layers/admit.ts";
import { aGeneration, anExchange, type ExchangeChanges, thrownBy } from "./support/exchanges.ts";

const generation = aGeneration({
  config: { limits: { head: 1024, body: 10, exchanges: 2 } },
  trusted: ["10.0.0.1"],
});

function entering(changes: ExchangeChanges, admission = { inFlight: 0 }): { exchange: Exchange; error: unknown } {
  const exchange = anExchange({ generation, ...changes });
  return { exchange, error: thrownBy(() => admit(admission).enter?.(exchange)) };
}

test.each<[string, ExchangeChanges, string, number]>([
  ["no host", { fields: ["Host", ""] }, "invalid-host", 400],
  ["two lengths", { fields: ["Content-Length", "1", "Content-Length", "1"] }, "repeated-content-length", 400],
  [
    "length and coding",
    { fields: ["Content-Length", "1", "Transfer-Encoding", "chunked"] },
    "length-with-transfer-encoding",
    400,
  ],
  ["another coding", { fields: ["Transfer-Encoding", "gzip, chunked"] }, "unsupported-transfer-encoding", 501],
  ["a fragment", { target: "/a#b" }, "invalid-target", 400],
  ["a target that is too long", { target: `/${"a".repeat(8192)}` }, "uri-too-long", 414],
  ["CONNECT", { method: "CONNECT", target: "example.com:443" }, "method-not-allowed", 405],
  ["a question to the gateway itself", { method: "OPTIONS", target: "*" }, "no-route", 404],
  ["a loop", { fields: ["Via", Array(8).fill("1.1 headgate").join(", ")] }, "proxy-loop", 508],
  ["too large a body", { method: "POST", fields: ["Content-Length", "11"] }, "content-too-large", 413],
  ["too large a head in HTTP/2", { version: "2.0", fields: ["x", "a".repeat(1024)] }, "fields-too-large", 431],
])("refuses %s", (_name, changes, code, status) => {
  const admission = { inFlight: 0 };
  const { exchange, error } = entering(changes, admission);
  expect(error).toMatchObject({ code, status });
  expect([admission.inFlight, exchange.counted]).toEqual([0, false]);
});

test.each<[string, ExchangeChanges]>([
  ["a plain request", {}],
  ["a few passages through this gateway", { fields: ["Via", Array(7).fill("1.1 headgate").join(", ")] }],
  ["many passages through others", { fields: ["Via", Array(20).fill("1.1 fred").join(", ")] }],
  ["a body of the size that is allowed", { method: "POST", fields: ["Content-Length", "10"] }],
  ["a body of unknown size: it is counted as it comes", { method: "POST", fields: ["Transfer-Encoding", "chunked"] }],
  ["a large head in HTTP/1.1: node's parser has counted", { fields: ["x", "a".repeat(2000)] }],
  ["a head of the size that is allowed in HTTP/2", { version: "2.0", fields: ["x", "a".repeat(1000)] }],
])("lets in %s", (_name, changes) => {
  expect(entering(changes).error).toBeUndefined();
});

test("takes from the target what further layers go by", () => {
  const { exchange } = entering({ target: "/a/../b?key=1", fields: ["Host", "Example.COM:8080"] });
  expect(exchange).toMatchObject({ path: "/a/../b?key=1", pathname: "/b", host: "example.com:8080" });
  expect(exchange.record).toMatchObject({ path: "/a/../b", host: "example.com:8080", client: "192.0.2.1" });
});

test("an absolute target names the host", () => {
  const { exchange } = entering({ target: "http://Other.org/x", fields: ["Host", "example.com"] });
  expect(exchange).toMatchObject({ path: "/x", host: "other.org" });
});

test("the client is whom a trusted peer names, and the peer itself else", () => {
  const fields = ["X-Forwarded-For", "198.51.100.7"];
  const trusted = entering({ fields, peer: "10.0.0.1" }).exchange;
  const stranger = entering({ fields, peer: "10.0.0.2" }).exchange;
  expect([trusted.client, stranger.client]).toEqual(["198.51.100.7", "10.0.0.2"]);
  expect([trusted.record.client, stranger.record.client]).toEqual(["198.51.100.7", "10.0.0.2"]);
});

test("takes as many as there is room for, and tells the next when to come again", () => {
  const admission = { inFlight: 0 };
  const layer = admit(admission);
  const taken = [anExchange({ generation }), anExchange({ generation })];
  for (const exchange of taken) void layer.enter?.(exchange);
  const { exchange: refused, error } = entering({}, admission);
  expect(error).toMatchObject({ code: "overload", status: 503, fields: ["Retry-After", "1"] });
  layer.finish?.(refused);
  expect(admission.inFlight).toBe(2);
  for (const exchange of taken) layer.finish?.(exchange);
  expect(admission.inFlight).toBe(0);
});

test("an exchange that was refused for its form does not free the place of another", () => {
  const admission = { inFlight: 1 };
  const layer = admit(admission);
  const exchange = anExchange({ generation, fields: ["Content-Length", "99"] });
  expect(thrownBy(() => layer.enter?.(exchange))).toBeDefined();
  layer.finish?.(exchange);
  expect(admission.inFlight).toBe(1);
});
