import { ExchangeTallies } from "../../src/observability/exchange-tallies.ts";
import { LiveCounter } from "../../src/observability/live-delta.ts";
import { LiveStats } from "../../src/observability/live-stats.ts";
import { addDelta, type TalliesDelta, talliesDelta } from "../../src/observability/tallies-delta.ts";
import { anAttempt, anExchange } from "../observability/records.ts";

const exchanges = [
  anExchange({ status: 200, cache: "HIT", backend: null, endTick: 5 }),
  anExchange({ status: 502, problem: "bad-gateway", attempts: [anAttempt({ outcome: "reset", headAt: null })] }),
  anExchange({
    status: 200,
    cache: "MISS",
    cacheDetail: "uri-miss",
    encoding: "br",
    bodyBytes: 100,
    sentBytes: 30,
    attempts: [anAttempt({ outcome: "refused", retry: "retry" }), anAttempt({ backend: "b:1" })],
    endTick: 950,
  }),
  anExchange({ status: 200, cache: "BYPASS", outcome: "broken-off" }),
];

/** In whole microseconds: sums of fractions depend on their order. */
const rounded = (delta: TalliesDelta): unknown =>
  JSON.parse(JSON.stringify(delta, (key, value) => (key === "sum" ? Math.round(value * 1e6) : value)));

/** As they come out of another process. */
const sent = <T>(value: T): T => structuredClone(value);

test("tallies of several processes add up to those of one", () => {
  const one = new ExchangeTallies();
  const merged = new ExchangeTallies();
  for (const [index, exchange] of [...exchanges, ...exchanges, ...exchanges].entries()) {
    one.record(exchange);
    const worker = new ExchangeTallies();
    worker.record(exchange);
    if (index % 2 === 0) worker.record(exchange);
    if (index % 2 === 0) one.record(exchange);
    addDelta(merged, sent(talliesDelta(worker)));
  }
  expect(rounded(talliesDelta(merged))).toEqual(rounded(talliesDelta(one)));
  expect(merged.cacheResultList()).toEqual(one.cacheResultList());
});

test("the pulse of several processes reads as that of one", () => {
  const one = new LiveStats(0);
  const merged = new LiveStats(0);
  const workers = [new LiveCounter(), new LiveCounter()];
  for (const [index, exchange] of [...exchanges, ...exchanges].entries()) {
    one.record(exchange);
    workers[index % 2]?.record(exchange);
  }
  for (const worker of workers) {
    const delta = worker.take();
    if (delta !== null) merged.merge(sent(delta), 900);
  }
  expect(merged.snapshot(1000)).toEqual(one.snapshot(1000));
  expect(workers[0]?.take()).toBeNull();
});
