import { formatProblem, locateFinding } from "../src/config/errors.ts";
import { parseConfig } from "../src/config/parse.ts";
import { effectiveConfig } from "../src/config/print.ts";
import { applyRules } from "../src/config/rules.ts";
import { parseStatuses } from "../src/config/schema/statuses.ts";
import type { ParsedConfig } from "../src/config/schema.ts";
import { makeSnapshot } from "../src/config/snapshot.ts";

const parse = (pool: object) => parseConfig({ pools: { web: { backends: ["http://a"], ...pool } } });

/** What a pool's settings become; they must be in order. */
function settings(pool: object): Record<string, unknown> {
  const { sections, findings } = parse(pool);
  expect(findings).toEqual([]);
  return { ...sections.pools?.web };
}

const problems = (pool: object): string[] =>
  parse(pool).findings.map((finding) => formatProblem(locateFinding(finding, () => undefined)));

test.each<[string, object, object]>([
  ["each policy by its name", { balancing: "peak-ewma" }, { balancing: "peak-ewma" }],
  [
    "consistent hashing with all it takes",
    { balancing: { policy: "consistent-hash", on: "header", name: "X-User", table: "maglev", bound: 1.25 } },
    { balancing: { policy: "consistent-hash", on: "header", name: "X-User", table: "maglev", bound: 1.25 } },
  ],
  [
    "consistent hashing by the client's address, on the ring, without a bound",
    { balancing: { policy: "consistent-hash" } },
    { balancing: { policy: "consistent-hash", on: "client", table: "ring" } },
  ],
  [
    "sticky sessions",
    { sticky: { cookie: "hg_backend", lifetime: "1h" } },
    { sticky: { cookie: "hg_backend", lifetime: 3_600_000, path: "/", sameSite: "lax" } },
  ],
  [
    "outlier detection, with the rest by default",
    { outlier: { consecutive5xx: 5, ejection: "1m", maxEjected: "50%" } },
    {
      outlier: {
        ...{ consecutiveFaults: 5, consecutive5xx: 5, successRate: false, latency: false },
        ...{ ejection: 60_000, longest: 300_000, maxEjected: 0.5, interval: 10_000 },
      },
    },
  ],
  [
    "rates by choice",
    { outlier: { consecutiveFaults: false, successRate: {}, latency: { factor: 3 } } },
    {
      outlier: {
        ...{ consecutiveFaults: false, consecutive5xx: false },
        successRate: { deviations: 1.9, minimumBackends: 5, minimumRequests: 100 },
        latency: { factor: 3, minimumBackends: 3, minimumRequests: 20, least: 100 },
        ...{ ejection: 30_000, longest: 300_000, maxEjected: 0.1, interval: 10_000 },
      },
    },
  ],
  [
    "every time-out",
    { timeouts: { connect: "3s", head: "30s", perTry: "10s", total: "60s" } },
    { timeouts: { connect: 3000, head: 30_000, perTry: 10_000, total: 60_000, body: 60_000, keepAlive: 4000 } },
  ],
  [
    "a backend's place",
    { backends: [{ url: "http://b", weight: 5, priority: 1, zone: "a", limits: { requests: 9 } }], zone: "a" },
    { backends: [{ url: "http://b", weight: 5, priority: 1, zone: "a", limits: { requests: 9 } }], zone: "a" },
  ],
  ["slow start by its window alone", { slowStart: "30s" }, { slowStart: 30_000 }],
  [
    "slow start in full",
    { slowStart: { window: "30s", aggression: 2 } },
    { slowStart: { window: 30_000, aggression: 2, floor: 0.1 } },
  ],
  [
    "limits",
    { limits: { connections: 50, requests: 40, waiting: 0, perBackend: { requests: 10 } } },
    { limits: { connections: 50, requests: 40, waiting: 0, wait: 1000, perBackend: { requests: 10 } } },
  ],
  [
    "a circuit breaker",
    { breaker: { failures: 0.25 } },
    { breaker: { failures: 0.25, minimum: 20, window: 10_000, open: 5000, longest: 60_000, probes: 3 } },
  ],
  ["adaptive concurrency by name", { concurrency: "aimd" }, { concurrency: "aimd" }],
  [
    "adaptive concurrency in full",
    { concurrency: { algorithm: "gradient", max: 200 } },
    { concurrency: { algorithm: "gradient", initial: 20, min: 4, max: 200 } },
  ],
  [
    "what is retried",
    { retries: { on: [503, "502-504", "5xx", "reset"], budget: "50%" }, hedging: true },
    {
      retries: {
        count: 2,
        on: [503, "502-504", "5xx", "reset"],
        budget: 0.5,
        reserve: 10,
        hold: 65_536,
        holdTime: 250,
      },
      hedging: true,
    },
  ],
  [
    "a check in full",
    {
      health: { type: "https", port: 8443, host: "api", headers: { "X-Check": "1" }, status: [200, "3xx"], body: "ok" },
    },
    {
      health: {
        ...{
          type: "https",
          port: 8443,
          path: "/health",
          host: "api",
          headers: { "X-Check": "1" },
          status: [200, "3xx"],
        },
        ...{ body: "ok", interval: 1000, timeout: 1000, failures: 3, successes: 1 },
      },
    },
  ],
  ["a subset by its size", { subset: 20 }, { subset: { size: 20 } }],
  [
    "a subset of a gateway with a name",
    { subset: { size: 3, gateway: "gw-1" } },
    { subset: { size: 3, gateway: "gw-1" } },
  ],
  ["no subset", { subset: false }, { subset: false }],
  ["panic below a share, and a drain that ends", { panic: "50%", drain: "30s" }, { panic: 0.5, drain: 30_000 }],
])("%s", (_name, written, expected) => {
  expect(settings(written)).toMatchObject(expected);
  for (const [key, value] of Object.entries(expected)) expect(settings(written)[key]).toEqual(value);
});

test.each<[object, string]>([
  [
    { balancing: "peek-ewma" },
    'balancing: found "peek-ewma", expected round-robin, weighted-round-robin, least-connections, random, power-of-two, peak-ewma, load-aware or { policy: consistent-hash, on: client, … } (did you mean peak-ewma?)',
  ],
  [
    { balancing: { policy: "consistent-hash", on: "heder", name: "x" } },
    'balancing.on: found "heder", expected client, header, cookie, query or path (did you mean header?)',
  ],
  [
    { balancing: { policy: "consistent-hash", on: "cookie" } },
    "balancing.name: found nothing, expected the name of the cookie that is the key",
  ],
  [
    { balancing: { policy: "consistent-hash", name: "x" } },
    'balancing.name: found "x", expected no name, since the key is the client',
  ],
  [
    { balancing: { policy: "consistent-hash", bound: 0.5 } },
    "balancing.bound: found 0.5, expected a number from 1 to 10",
  ],
  [
    { sticky: { cookie: "a b", secret: "short" } },
    "sticky.secret: found a secret (not shown), expected a secret of at least 16 printable ASCII characters without spaces",
  ],
  [
    { outlier: { consecutive5x: 5 } },
    "outlier.consecutive5x: found an unknown key, expected consecutiveFaults, consecutive5xx, successRate, latency, ejection, longest, maxEjected or interval (did you mean consecutive5xx?)",
  ],
  [
    { outlier: { maxEjected: "10" } },
    'outlier.maxEjected: found "10", expected a share such as 10% or 0.1 (did you mean 10%?)',
  ],
  [{ outlier: { maxEjected: 10 } }, "outlier.maxEjected: found 10, expected a share from 0% to 100%"],
  [
    { slowStart: { windw: 1 } },
    "slowStart.windw: found an unknown key, expected window, aggression or floor (did you mean window?)",
  ],
  [
    { slowStart: "10 s" },
    'slowStart: found "10 s", expected a duration such as 30s, an object with window, aggression and floor, or false (did you mean 10s?)',
  ],
  [
    { retries: { on: ["rest"] } },
    'retries.on[0]: found "rest", expected refused, connect-timeout, tls, unreachable, head-timeout, reset, bad-response, or a status such as 503, 502-504 or 5xx (did you mean reset?)',
  ],
  [{ retries: { on: [200] } }, "retries.on[0]: found 200, expected a failure, or a status from 400 on"],
  [
    { concurrency: { algorithm: "aimd", tolerance: 2 } },
    "concurrency.tolerance: found 2, expected nothing, since the algorithm is aimd",
  ],
  [
    { concurrency: { algorithm: "gradient", max: 10 } },
    "concurrency.initial: found nothing, expected a whole number from min to max, 4 to 10",
  ],
  [
    { health: { type: "tcp", body: "ok" } },
    'health.body: found "ok", expected nothing, since a tcp check only connects',
  ],
  [
    { health: { status: [200, "30x"] } },
    'health.status[1]: found "30x", expected a status such as 503, a range such as 502-504, or 5xx',
  ],
  [{ subset: 0 }, "subset: found 0, expected a whole number from 1 to 100000"],
  [
    { subset: "many" },
    'subset: found "many", expected a number of backends such as 20, an object with size and gateway, or false',
  ],
  [{ subset: { gateway: "gw-1" } }, "subset.size: found nothing, expected a whole number from 1 to 100000"],
  [
    { health: { body: { pattern: "(" } } },
    'health.body.pattern: found "(", expected a regular expression of at most 1000 characters',
  ],
])("%j is refused, with what was expected", (written, told) => {
  expect(problems(written)).toContain(`pools.web.${told}`);
});

test.each([
  [503, [503, 503]],
  ["200-299", [200, 299]],
  ["5xx", [500, 599]],
  ["600", undefined],
  ["504-502", undefined],
  [99, undefined],
  ["", undefined],
])("the statuses %p are %p", (written, range) => {
  expect(parseStatuses(written)).toEqual(range);
});

test("the effective config is written as a user would, with the cookie's secret redacted", () => {
  const { sections } = parse({ slowStart: "30s", panic: 0.5, sticky: { secret: "0123456789abcdef" } });
  const shown = effectiveConfig(makeSnapshot(sections as ParsedConfig, { host: "all" }));
  expect(shown).toMatchObject({
    pools: { web: { slowStart: "30s", panic: "50%", drain: "5m", sticky: { secret: "(redacted)" } } },
  });
});

describe("rules across keys", () => {
  const judge = (pool: object) => {
    const { findings, warnings } = applyRules(parse(pool).sections, { production: false });
    const told = findings.map((finding) => formatProblem(locateFinding(finding, () => undefined)));
    return { told, warnings };
  };

  test("a cookie for other sites must be secure", () => {
    const told = "pools.web.sticky.secure: found nothing, expected true, since pools.web.sticky.sameSite is none";
    expect(judge({ sticky: { sameSite: "none" } }).told).toContain(told);
    expect(judge({ sticky: { sameSite: "none", secure: true } }).told).not.toContain(told);
  });

  test("a subset beside consistent hashing is refused", () => {
    const hashing = { subset: 20, balancing: { policy: "consistent-hash" } };
    expect(judge(hashing).told).toContainEqual(
      expect.stringContaining("pools.web.subset: found 20, expected none beside consistent-hash"),
    );
    expect(judge({ ...hashing, subset: false }).told).toEqual(judge({}).told);
    expect(judge({ subset: 20 }).told).toEqual(judge({}).told);
  });

  test("a try as long as all of them is warned of", () => {
    const warning = expect.stringContaining("pools.web.timeouts.perTry is not below timeouts.total");
    expect(judge({ timeouts: { perTry: "5s", total: "5s" } }).warnings).toContainEqual(warning);
    expect(judge({ timeouts: { perTry: "4s", total: "5s" } }).warnings).not.toContainEqual(warning);
  });
});
