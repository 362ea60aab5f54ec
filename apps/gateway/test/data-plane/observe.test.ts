import { getField, getFields } from "@headgate/http";
import { seededRandom } from "@headgate/testing";
import type { GatewayResponse } from "../../src/gateway-response.ts";
import { observe } from "../../src/layers/observe.ts";
import type { ExchangeRecord } from "../../src/observability/exchange-record.ts";
import { aBody, aGeneration, aResponse, aRoutedExchange, type ExchangeChanges } from "./support/exchanges.ts";
import { anAttemptRecord, TestClock } from "./support/upstream.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const trusting = aGeneration({ trusted: ["192.0.2.1"] });

function observing(changes: ExchangeChanges = {}) {
  const clock = new TestClock(1000);
  const records: ExchangeRecord[] = [];
  const sink = { record: (record: ExchangeRecord) => void records.push({ ...record }) };
  const layer = observe({ clock, random: seededRandom(1), newId: () => "made", sinks: [sink, sink] });
  const exchange = aRoutedExchange(changes);
  void layer.enter?.(exchange);
  const leave = (response: GatewayResponse) => layer.leave?.(exchange, response) as GatewayResponse;
  return { clock, records, layer, exchange, leave };
}

const leaving = (response: Partial<GatewayResponse>, changes: ExchangeChanges = {}) =>
  observing(changes).leave(aResponse(response)).fields;

describe("the id", () => {
  test.each<[string, ExchangeChanges, string]>([
    ["is made where none came", {}, "made"],
    ["is made anew for a stranger", { fields: ["X-Request-Id", "theirs"] }, "made"],
    ["is taken from a trusted peer", { fields: ["x-request-id", "a.B:c-1"], generation: trusting }, "a.B:c-1"],
    ["is made where a trusted peer's could do harm", { fields: ["X-Request-Id", "a b"], generation: trusting }, "made"],
    ["is made where a trusted peer's is empty", { fields: ["X-Request-Id", ""], generation: trusting }, "made"],
    [
      "is made where a trusted peer's is long",
      { fields: ["X-Request-Id", "a".repeat(129)], generation: trusting },
      "made",
    ],
  ])("%s", (_name, changes, expected) => {
    const { exchange, leave } = observing(changes);
    expect(exchange.record.id).toBe(expected);
    expect(getFields(leave(aResponse()).fields, "x-request-id")).toEqual([expected]);
  });

  test("of the backend's own making does not stand beside ours", () => {
    expect(getFields(leaving({ fields: ["x-request-id", "theirs"] }), "x-request-id")).toEqual(["made"]);
  });
});

describe("the trace", () => {
  test("is continued under a new span, with the client's decision to sample", () => {
    const { exchange } = observing({ fields: ["traceparent", `00-${TRACE}-00f067aa0ba902b7-00`] });
    expect(exchange.record.trace?.id).toBe(TRACE);
    expect(exchange.record.trace?.traceparent).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-00$`));
    expect(exchange.record.trace?.traceparent).not.toContain("00f067aa0ba902b7");
  });

  test.each([["00-nonsense"], [`00-${"0".repeat(32)}-00f067aa0ba902b7-01`]])(
    "is begun where %p is none",
    (traceparent) => {
      const { exchange } = observing({ fields: ["traceparent", traceparent] });
      expect(exchange.record.trace?.traceparent).toMatch(
        new RegExp(`^00-${exchange.record.trace?.id}-[0-9a-f]{16}-01$`),
      );
      expect(exchange.record.trace?.id).toMatch(/^[0-9a-f]{32}$/);
    },
  );
});

describe("the response tells", () => {
  test("the backend, once, whatever that says of itself", () => {
    const fields = leaving({ backend: "127.0.0.1:8001", fields: ["X-Backend-Server", "theirs"] });
    expect(getFields(fields, "x-backend-server")).toEqual(["127.0.0.1:8001"]);
  });

  test("no backend where none answered, or where that is turned off", () => {
    const hidden = { generation: aGeneration({ config: { headers: { backendServer: false } } }) };
    expect(getField(leaving({ source: "gateway", backend: null }), "x-backend-server")).toBeUndefined();
    expect(getField(leaving({}, hidden), "x-backend-server")).toBeUndefined();
  });

  test.each<[GatewayResponse["source"], string[], string[]]>([
    ["upstream", [], ["1.1 headgate"]],
    ["upstream", ["Via", "1.0 fred", "via", "1.1 bob"], ["1.0 fred, 1.1 bob, 1.1 headgate"]],
    ["cache", ["Via", "1.0 fred"], ["1.0 fred, 1.1 headgate"]],
    ["gateway", [], []],
  ])("the way of a response from %s with %j: Via %j", (source, fields, expected) => {
    expect(getFields(leaving({ source, fields }), "via")).toEqual(expected);
  });

  test("what the wait was for", () => {
    const { clock, exchange, leave } = observing();
    exchange.record.attempts.push(
      { ...anAttemptRecord(), startedAt: 1000, outcome: "refused" },
      { ...anAttemptRecord(), startedAt: 1002, sentAt: 1005.25, headAt: 1030 },
    );
    exchange.record.cache = "MISS";
    clock.advance(40);
    const timing = "cache;desc=MISS, queue;dur=2, connect;dur=3.3, upstream;dur=24.8";
    expect(getField(leave(aResponse()).fields, "server-timing")).toBe(timing);
    expect(exchange.record.headTick).toBe(1040);
  });

  test("the time of its own where no attempt was made, or the last one has no head", () => {
    const own = observing();
    own.clock.advance(7);
    expect(getField(own.leave(aResponse()).fields, "server-timing")).toBe("total;dur=7");
    const failed = observing();
    failed.exchange.record.attempts.push({ ...anAttemptRecord(), startedAt: 1000 });
    failed.clock.advance(9);
    const timing = "queue;dur=0, connect;dur=0, upstream;dur=9";
    expect(getField(failed.leave(aResponse()).fields, "server-timing")).toBe(timing);
  });

  test("no times where that is turned off, and the backend's own stay", () => {
    const generation = aGeneration({ config: { headers: { serverTiming: false } } });
    const fields = leaving({ fields: ["Server-Timing", "db;dur=5"] }, { generation });
    expect(getFields(fields, "server-timing")).toEqual(["db;dur=5"]);
    expect(getFields(leaving({ fields: ["Server-Timing", "db;dur=5"] }), "server-timing")).toHaveLength(2);
  });
});

test("every sink gets the record once, at the end, with what the response was", () => {
  const { clock, records, layer, exchange, leave } = observing({ body: aBody(5, 3) });
  leave(aResponse({ status: 404, backend: "127.0.0.1:8002" }));
  expect(records).toEqual([]);
  clock.advance(12);
  layer.finish?.(exchange);
  expect(records).toHaveLength(2);
  expect(records[0]).toMatchObject({ status: 404, backend: "127.0.0.1:8002", requestBytes: 3, endTick: 1012 });
});

test("an exchange that was never answered has its record too", () => {
  const { records, layer, exchange } = observing();
  layer.finish?.(exchange);
  expect(records[0]).toMatchObject({ id: "made", status: 0, headTick: null, requestBytes: 0 });
});
