import { createPolicy } from "../src/create-policy.ts";
import { addReport, type LoadReport } from "../src/load/load-report.ts";
import { parseAgentLine } from "../src/load/parse-agent.ts";
import { parseLoadBody, parseLoadField } from "../src/load/parse-load.ts";
import type { Pool } from "../src/pool.ts";
import { context, member, options, poolOf, sequence, tally } from "./helpers.ts";

test.each([
  [
    "TEXT cpu_utilization=0.3, mem_utilization=0.8, rps_fractional=120.5, eps=2",
    { cpu: 0.3, memory: 0.8, requestRate: 120.5, errorRate: 2 },
  ],
  ["TEXT application_utilization=1.2,named_metrics.queue=7", { utilization: 1.2 }],
  ['JSON {"cpu_utilization": 0.3, "applicationUtilization": 0.4}', { cpu: 0.3, utilization: 0.4 }],
  ["TEXT cpu_utilization=-1, mem_utilization=, rps=x", undefined],
  ["JSON [1]", undefined],
  ["JSON {", undefined],
  ["BIN CAE=", undefined],
  ["", undefined],
])("endpoint-load-metrics: %s", (field, expected) => {
  expect(parseLoadField(field)).toEqual(expected);
});

test.each([
  ['{"status":"ok","load":{"cpu":0.25,"memory":0.5}}', { cpu: 0.25, memory: 0.5 }],
  ['{"status":"ok","load":{"cpu":"high","utilization":0.5}}', { utilization: 0.5 }],
  ['{"status":"ok"}', undefined],
  ['{"load":null}', undefined],
  ["ok", undefined],
])("health body: %s", (body, expected) => {
  expect(parseLoadBody(body)).toEqual(expected);
});

test.each([
  ["75%", { weightFactor: 0.75 }],
  ["up 150%\n", { state: "up", weightFactor: 1.5 }],
  ["ready,maxconn:30", { state: "ready", maxActive: 30 }],
  ["DRAIN", { state: "drain" }],
  ["maint\r\nup", { state: "maint" }],
  ["down#disk full", { state: "down", reason: "disk full" }],
  ["stopped # for the night ", { state: "down", reason: "for the night" }],
  ["hello", undefined],
  ["#only a reason", undefined],
  ["", undefined],
])("agent line %j", (line, expected) => {
  expect(parseAgentLine(line)).toEqual(expected);
});

test("a series of reports that had expired begins anew", () => {
  const first = addReport(null, { cpu: 1 }, 1000);
  const second = addReport(first, { cpu: 0.5 }, 60_000);
  expect(second).toEqual({ report: { cpu: 0.5 }, at: 60_000, since: 1000 });
  expect(addReport(second, {}, 60_000 + 180_000).since).toBe(240_000);
});

describe("load-aware", () => {
  function report(pool: Pool, name: string, load: LoadReport): void {
    pool.reportLoad(member(pool, name), load, 0);
    pool.reportLoad(member(pool, name), load, 9_000);
  }

  function shares(pool: Pool, now: number, count = 600): Record<string, number> {
    const counts = tally(sequence(pool, count, context({ now })));
    return Object.fromEntries([...counts].map(([name, n]) => [name, Math.round((n / count) * 100)]));
  }

  test("weights follow requests per second over utilisation", () => {
    const pool = poolOf(createPolicy("load-aware"), ["a", "b"]);
    report(pool, "a", { utilization: 0.9, requestRate: 90 });
    report(pool, "b", { utilization: 0.3, requestRate: 90 });
    expect(shares(pool, 10_000)).toEqual({ a: 25, b: 75 });
  });

  test("errors make a backend worth less", () => {
    const pool = poolOf(createPolicy("load-aware"), ["a", "b"]);
    report(pool, "a", { cpu: 0.5, requestRate: 100, errorRate: 50 });
    report(pool, "b", { cpu: 0.5, requestRate: 100 });
    expect(shares(pool, 10_000)).toEqual({ a: 33, b: 67 });
  });

  test("one without reports counts as average", () => {
    const pool = poolOf(createPolicy("load-aware"), ["a", "b", "c"]);
    report(pool, "a", { cpu: 0.9, requestRate: 90 });
    report(pool, "b", { cpu: 0.3, requestRate: 90 });
    expect(shares(pool, 10_000)).toEqual({ a: 17, b: 50, c: 33 });
  });

  test("the first ten seconds of reports are not believed, and old ones expire", () => {
    const pool = poolOf(createPolicy("load-aware"), ["a", "b"]);
    report(pool, "a", { cpu: 0.9, requestRate: 90 });
    report(pool, "b", { cpu: 0.3, requestRate: 90 });
    expect(shares(pool, 9_999)).toEqual({ a: 50, b: 50 });
    expect(shares(pool, 60_000)).toEqual({ a: 25, b: 75 });
    expect(shares(pool, 9_000 + 180_000)).toEqual({ a: 50, b: 50 });
  });

  test("before any report configured weights hold", () => {
    const pool = poolOf(createPolicy("load-aware"), [options("a", { weight: 3 }), "b"]);
    expect(shares(pool, 0)).toEqual({ a: 75, b: 25 });
  });

  test("an agent's percentage scales the weight, and 0 % leaves almost nothing", () => {
    const pool = poolOf(createPolicy("load-aware"), ["a", "b", "c"]);
    report(pool, "a", { weightFactor: 0.5 });
    report(pool, "c", { weightFactor: 0 });
    expect(shares(pool, 10_000)).toEqual({ a: 33, b: 66, c: 1 });
  });

  test("a rate that is not reported is counted here", () => {
    const pool = poolOf(createPolicy("load-aware"), ["a", "b"]);
    sequence(pool, 2);
    for (const [name, busy] of [
      ["a", 0.8],
      ["b", 0.4],
    ] as const) {
      report(pool, name, { cpu: busy });
      for (let i = 0; i < 100; i++) {
        const backend = member(pool, name);
        backend.active++;
        pool.active++;
        pool.release(backend, { latency: 5, failed: false, now: 9_500 });
      }
    }
    expect(shares(pool, 10_000)).toEqual({ a: 33, b: 67 });
  });

  test("a large pool holds its shares when weights change", () => {
    const pool = poolOf(
      createPolicy("load-aware"),
      Array.from({ length: 100 }, (_, index) => `b${index}`),
    );
    sequence(pool, 150, context({ now: 0 }));
    for (const { id } of pool.backends) report(pool, id, { cpu: id < "b5" ? 0.2 : 0.8, requestRate: 100 });
    const counts = tally(sequence(pool, 10_000, context({ now: 10_000 })));
    const mean = (low: boolean): number => {
      const some = pool.backends.filter(({ id }) => id < "b5" === low);
      return some.reduce((sum, { id }) => sum + (counts.get(id) ?? 0), 0) / some.length;
    };
    expect(mean(true) / mean(false)).toBeCloseTo(4, 0);
  });
});
