import { judge, parseSlo } from "../src/slo.ts";
import type { Summary } from "../src/summary.ts";
import { misses } from "../src/verdict.ts";
import { summary } from "./support.ts";

const bad = summary({
  requests: { sent: 990, answered: 980, failed: 10, unsent: 10, unfinished: 0, bytesReceived: 0 },
  statuses: { 200: 960, 304: 5, 404: 5, 502: 10 },
  errors: { timeout: 4, ECONNRESET: 6 },
  rate: 98,
});

function met(text: string, of: Summary): boolean {
  const outcome = parseSlo(text);
  if (outcome.kind === "invalid") throw new Error(outcome.problem);
  return judge(outcome.objectives, of).every((one) => one.met);
}

test.each([
  ["p50<=10ms", true],
  ["p50<10ms", false],
  ["p50=10", true],
  ["p50<0.011s", true],
  ["p50>9999us", true],
  ["p99.9<19.99ms", true],
  ["max<=0.1s", true],
  ["min>=5", true],
  ["mean<10.5", true],
  [" p99 < 50 ms , errors < 0.1% ", true],
  ["p99<50ms,errors<0%", false],
  ["errors=0", true],
  ["rps>=100", true],
  ["rps>100", false],
  ["hit>79%", true],
  ["hit>80%", false],
])("%s on a good run: %s", (text, expected) => {
  expect(met(text, summary())).toBe(expected);
});

test.each([
  // 10 failed, 10 never sent, 15 of 400 and above: 35 of 1000.
  ["errors=35", true],
  ["errors<=3.5%", true],
  ["errors<3.5%", false],
  ["timeouts=4", true],
  ["timeouts<=0.4%", true],
  ["non2xx=20", true],
  ["non2xx<=2%", true],
  ["rps>=98", true],
])("%s on a bad run: %s", (text, expected) => {
  expect(met(text, bad)).toBe(expected);
});

test("what was not measured is not met", () => {
  const nothing = summary({
    latency: null,
    cache: null,
    requests: { sent: 0, answered: 0, failed: 0, unsent: 0, unfinished: 0, bytesReceived: 0 },
    statuses: {},
  });
  for (const text of ["p99<1s", "max<1s", "hit>=0%", "errors<=100%"]) expect(met(text, nothing)).toBe(false);
});

test.each([
  ["", 'got "", expected metric, comparison and limit'],
  ["p99", 'got "p99", expected metric'],
  ["p99<", "expected metric, comparison and limit"],
  ["p99<50ms,", 'got ""'],
  ["p99<-1ms", "expected metric"],
  ["p99!50ms", "expected metric"],
  ["p42<1ms", 'there is no metric "p42"; there are latency as p50'],
  ["error<1%", 'there is no metric "error"'],
  ["p99<5%", "a latency is compared with a time"],
  ["errors<5ms", "errors is compared with a percentage such as 1% or a plain number"],
  ["hit>1", "hit is compared with a percentage"],
  ["rps>5%", "rps is compared with a plain number"],
  ["constructor<1", 'there is no metric "constructor"'],
])("%j is refused", (text, problem) => {
  expect(parseSlo(text)).toEqual({ kind: "invalid", problem: expect.stringContaining(problem) });
});

test("misses name the rate and each objective with what was measured", () => {
  const outcome = parseSlo("p99<1ms,errors<1%,hit>90%,errors<10");
  const verdicts = outcome.kind === "ok" ? judge(outcome.objectives, bad) : [];
  expect(misses(bad, verdicts)).toEqual([
    "the asked rate: 98/s answered of 100/s; 10 were never sent, as no connection was free",
    "the objective p99<1ms: 19.8 ms",
    "the objective errors<1%: 3.5 %",
    "the objective hit>90%: 80.0 %",
    "the objective errors<10: 35",
  ]);
  expect(misses(summary({ rate: 99 }), [])).toEqual([]);
  expect(misses(summary({ rate: 98.9 }), [])).toEqual(["the asked rate: 98.9/s answered of 100/s"]);
});
