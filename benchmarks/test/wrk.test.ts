import { parseWrk } from "../src/wrk.ts";

const output = (latencies: string, extra = ""): string => `Running 2s test @ http://127.0.0.1:8080/p/1k
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     4.41ms    1.20ms  30.11ms   91.31%
    Req/Sec    14.60k     1.01k   16.52k    75.00%
  Latency Distribution
${latencies}
  58122 requests in 2.00s, 71.23MB read
${extra}Requests/sec:  29054.32
Transfer/sec:     35.61MB
`;

const MILLISECONDS = "     50%    4.20ms\n     75%    4.60ms\n     90%    5.10ms\n     99%    9.75ms";

test("requests, rate and latencies", () => {
  expect(parseWrk(output(MILLISECONDS))).toEqual({
    requests: 58_122,
    perSecond: 29_054.32,
    p50: 4.2,
    p99: 9.75,
    errors: 0,
  });
});

test.each([
  ["780.00us", 0.78],
  ["1.25s", 1250],
  ["1.50m", 90_000],
])("a latency of %s is %d ms", (text, ms) => {
  expect(parseWrk(output(`     50%  100.00us\n     99%  ${text}`)).p99).toBeCloseTo(ms);
});

test("bad answers and broken connections count as errors", () => {
  const extra = "  Socket errors: connect 1, read 20, write 300, timeout 4000\n  Non-2xx or 3xx responses: 50000\n";
  expect(parseWrk(output(MILLISECONDS, extra)).errors).toBe(54_321);
});

test("what is no result is told", () => {
  expect(() => parseWrk("unable to connect to 127.0.0.1:1 Connection refused")).toThrow(
    "wrk gave no result: unable to connect to 127.0.0.1:1 Connection refused",
  );
});
