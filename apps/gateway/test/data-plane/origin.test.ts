import { PassThrough } from "node:stream";
import { Cancellation } from "../../src/cancellation.ts";
import { gatewayResponse, upstreamRequest } from "../../src/upstream/origin.ts";
import type { UpstreamResponse } from "../../src/upstream/upstream-request.ts";
import { aBody, aGeneration, anExchange, aRoute, aRoutedExchange, thrownBy } from "./support/exchanges.ts";
import { TestPool } from "./support/upstream.ts";

test("a request goes upstream as the exchange stands", () => {
  const pool = new TestPool([]);
  const generation = aGeneration({
    routes: [aRoute({ pool })],
    config: { limits: { replay: 7, responseBuffer: 2048 } },
  });
  const body = aBody(3);
  const exchange = aRoutedExchange({ method: "PUT", target: "/a?b", body, upgrade: "websocket", generation });
  const cancellation = new Cancellation();
  const request = upstreamRequest(exchange, cancellation);
  expect(request).toMatchObject({ method: "PUT", path: "/a?b", body: null, upgrade: "websocket" });
  expect([request.pool, request.incoming, request.cancellation]).toEqual([pool, body, cancellation]);
  expect(request.limits).toMatchObject({ replay: 7, responseBuffer: 2048 });
  expect(request.attempts).toBe(exchange.record.attempts);
  expect(request.interim).toBe(exchange.interim);
});

test("an exchange that no route has taken does not get upstream", () => {
  const exchange = anExchange();
  expect(thrownBy(() => upstreamRequest(exchange, exchange.cancellation))).toBeInstanceOf(Error);
});

function answered(changes: Partial<UpstreamResponse>): UpstreamResponse {
  const arrived = { whole: true, whenOver: () => undefined, takeBody: () => null };
  return { status: 200, fields: ["A", "1"], backend: "127.0.0.1:8000", tunnel: null, ...arrived, ...changes };
}

test("a backend's answer is the gateway's response, with its body taken once", () => {
  let taken = 0;
  const bytes = Buffer.from("abc");
  const takeBody = () => {
    taken++;
    return bytes;
  };
  expect(gatewayResponse(answered({ status: 404, takeBody }))).toEqual({
    status: 404,
    fields: ["A", "1"],
    body: bytes,
    source: "upstream",
    backend: "127.0.0.1:8000",
  });
  expect(taken).toBe(1);
});

test("an upgraded connection comes along", () => {
  const tunnel = new PassThrough();
  expect(gatewayResponse(answered({ status: 101, tunnel })).tunnel).toBe(tunnel);
});
