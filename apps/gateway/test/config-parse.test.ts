import { formatProblem, locateFinding } from "../src/config/errors.ts";
import { nearest } from "../src/config/nearest.ts";
import { parseConfig } from "../src/config/parse.ts";
import { formatPath, valueAt } from "../src/config/path.ts";
import type { ParsedConfig } from "../src/config/schema.ts";
import { makeSnapshot } from "../src/config/snapshot.ts";

const problems = (raw: unknown): string[] =>
  parseConfig(raw).findings.map((finding) => formatProblem(locateFinding(finding, () => undefined)));

const snapshot = (raw: unknown) => makeSnapshot(parseConfig(raw).sections as ParsedConfig, { host: "all" });

describe("defaults", () => {
  test("an empty config is the contract's table", () => {
    const config = makeSnapshot(parseConfig({}).sections as ParsedConfig, { host: "loopback" });
    expect(config.listeners).toEqual([
      { port: 8080, host: ["127.0.0.1", "::1"], http2: false },
      { port: 8443, host: ["127.0.0.1", "::1"], tls: "self-signed", http2: true },
    ]);
    expect(config.admin).toEqual({ host: "127.0.0.1", port: 9901 });
    expect(config.auth).toEqual({ header: "X-API-Key", apiKeys: [{ name: "dev", key: "test-api-key-123" }] });
    expect(config.cache).toMatchObject({ entries: 1000, memory: 64 * 1024 ** 2, ttl: 300_000 });
    expect(config.pools.default).toEqual({
      backends: [8000, 8001, 8002, 8003].map((port) => ({ url: `http://127.0.0.1:${port}`, weight: 1 })),
      balancing: "round-robin",
      sticky: false,
      subset: false,
      panic: 0,
      slowStart: false,
      drain: 300_000,
      health: { path: "/health", status: "2xx", interval: 1000, timeout: 1000, failures: 3, successes: 1 },
      outlier: {
        ...{ consecutiveFaults: 5, consecutive5xx: false, successRate: false, latency: false },
        ...{ ejection: 30_000, longest: 300_000, maxEjected: 0.1, interval: 10_000 },
      },
      retries: 2,
      hedging: false,
      limits: { waiting: 1024, wait: 1000 },
      breaker: false,
      concurrency: false,
      tls: { verify: true },
      timeouts: { connect: 3000, head: 30_000, body: 60_000, keepAlive: 4000 },
    });
    expect(config.routes).toEqual([
      {
        path: "/",
        pool: "default",
        auth: "api-key",
        cache: { ttl: 300_000, objectSize: 8 * 1024 ** 2 },
        compression: true,
        idempotencyKey: false,
      },
    ]);
    expect(config.timeouts).toEqual({ clientHeader: 10_000, clientIdle: 75_000, body: 60_000, tunnel: 3_600_000 });
    expect(config.limits).toMatchObject({ head: 16_384, body: 10_485_760, replay: 1_048_576 });
    expect(config).toMatchObject({ trustedProxies: [], workers: 1, shutdown: { grace: 10_000 } });
  });

  test("one pool and nothing else is enough, and fills the rest", () => {
    const config = snapshot({ pools: { default: { backends: ["http://127.0.0.1:9"] } } });
    expect(config.pools).toMatchObject({
      default: { retries: 2, backends: [{ url: "http://127.0.0.1:9", weight: 1 }] },
    });
    expect(config.listeners.map(({ host }) => host)).toEqual([["*"], ["*"]]);
  });

  test("a part of a section keeps the defaults of the rest", () => {
    const { sections } = parseConfig({ pools: { web: { backends: [], health: { interval: "2s" } } } });
    expect(sections.pools?.web?.health).toEqual({
      path: "/health",
      status: "2xx",
      interval: 2000,
      timeout: 1000,
      failures: 3,
      successes: 1,
    });
  });

  test("the snapshot is frozen to its leaves", () => {
    const config = snapshot({});
    expect(() => Object.assign(config.cache, { ttl: 1 })).toThrow(TypeError);
    expect(Object.isFrozen(config.pools.default?.backends[0])).toBe(true);
    expect(Object.isFrozen(config.listeners)).toBe(true);
  });
});

describe("what a value becomes", () => {
  test.each([
    [{ cache: true }, { ttl: 7000 }],
    [{ cache: {} }, { ttl: 7000 }],
    [{ cache: { ttl: "60s" } }, { ttl: 60_000 }],
    [{ cache: { ttl: 0 } }, { ttl: 0 }],
    [{ cache: { objectSize: "1MiB" } }, { ttl: 7000, objectSize: 1024 ** 2 }],
    [{ cache: { key: { query: { deny: ["utm_*"] } } } }, { ttl: 7000, key: { query: { deny: ["utm_*"] } } }],
    [{ cache: { purge: {} } }, { ttl: 7000, purge: { from: ["127.0.0.1", "::1"] } }],
  ])("a route's cache %j is %j", (route, cache) => {
    expect(snapshot({ cache: { ttl: "7s" }, routes: [route] }).routes[0]?.cache).toEqual({
      objectSize: 8 * 1024 ** 2,
      ...cache,
    });
  });

  test("a route's cache false stays false", () => {
    expect(snapshot({ routes: [{ cache: false }] }).routes[0]?.cache).toBe(false);
  });

  test("a route's path, host and methods are brought to one spelling", () => {
    const [route] = snapshot({ routes: [{ path: "/api/", host: "*.Example.COM", methods: ["get", "HEAD"] }] }).routes;
    expect(route).toMatchObject({ path: "/api", host: "*.example.com", methods: ["GET", "HEAD"] });
    expect(snapshot({ routes: [{ path: "//" }] }).routes[0]?.path).toBe("/");
  });

  test.each([
    ["http://127.0.0.1:8000", "http://127.0.0.1:8000"],
    ["HTTP://Example.COM:80/", "http://example.com"],
    ["https://[::1]:8443", "https://[::1]:8443"],
  ])("backend %j is %j", (written, url) => {
    expect(
      snapshot({ pools: { default: { backends: [{ url: written, weight: 3 }] } } }).pools.default?.backends,
    ).toEqual([{ url, weight: 3 }]);
  });

  test("HTTP/2 follows TLS unless it is turned off", () => {
    const tls = "self-signed";
    const { listeners } = snapshot({
      listeners: [
        { port: 0, tls, http2: false },
        { port: 0, tls },
        { port: 0, host: "10.0.0.1" },
      ],
    });
    expect(listeners.map(({ http2 }) => http2)).toEqual([false, true, false]);
    expect(listeners[2]?.host).toEqual(["10.0.0.1"]);
  });

  test("admin, health and compression can be turned off", () => {
    const config = snapshot({ admin: false, pools: { default: { backends: [], health: false } }, workers: "auto" });
    expect(config).toMatchObject({ admin: false, pools: { default: { health: false } }, workers: "auto" });
  });

  test("proxies are addresses and networks of both families", () => {
    const trustedProxies = ["10.0.0.0/8", "192.168.1.1", "fd00::/8", "::1"];
    expect(snapshot({ trustedProxies }).trustedProxies).toEqual(trustedProxies);
  });
});

describe("what is told of a wrong value", () => {
  const backend = (written: unknown) => ({ pools: { default: { backends: [written] } } });
  const BACKEND =
    "expected a backend such as http://127.0.0.1:8000 (http or https, host and optional port, nothing after it), or an object with url and weight";

  test.each<[unknown, string]>([
    [
      { listeners: [{ port: 99999 }] },
      "listeners[0].port: found 99999, expected a port from 1 to 65535 (or 0: any free one)",
    ],
    [
      { listeners: [{ port: 1, tls: "selfsigned" }] },
      'listeners[0].tls: found "selfsigned", expected self-signed, or an object with cert and key (did you mean self-signed?)',
    ],
    [
      { listeners: [{ port: 1, tls: { cert: "a" } }] },
      "listeners[0].tls.key: found nothing, expected the path of a file",
    ],
    [
      { listeners: [{ port: 1, http2: true }] },
      "listeners[0].http2: found true, expected false, since HTTP/2 needs tls",
    ],
    [{ listeners: [] }, "listeners: found [], expected at least one listener"],
    [
      { cache: { ttll: 1 } },
      "cache.ttll: found an unknown key, expected entries, memory, ttl, objectSize or redis (did you mean ttl?)",
    ],
    [{ admin: { prot: 1 } }, "admin.prot: found an unknown key, expected host or port (did you mean port?)"],
    [{ admin: true }, "admin: found true, expected an object with host and port, or false"],
    [
      { cache: { ttl: "1 sec" } },
      'cache.ttl: found "1 sec", expected a duration such as 250ms, 1s, 5m (did you mean 1s?)',
    ],
    [{ cache: { ttl: "2y" } }, 'cache.ttl: found "2y", expected a duration such as 250ms, 1s, 5m'],
    [{ cache: { ttl: "400d" } }, 'cache.ttl: found "400d", expected a duration of at most 365d'],
    [{ cache: { ttl: -1 } }, "cache.ttl: found -1, expected a duration of at least 0"],
    [
      { cache: { memory: 1.5 } },
      "cache.memory: found 1.5, expected a size such as 64KiB, 10MiB, 1GB, or a whole number, and not 1.5",
    ],
    [{ cache: { memory: [] } }, "cache.memory: found [], expected a size such as 64KiB, 10MiB, 1GB"],
    [{ limits: { head: 10 } }, "limits.head: found 10, expected a size of at least 1KiB"],
    [{ timeouts: { body: 0 } }, "timeouts.body: found 0, expected a duration of at least 1ms"],
    [{ timeouts: { body: "30d" } }, 'timeouts.body: found "30d", expected a duration of at most 24d'],
    [{ workers: 0 }, "workers: found 0, expected a whole number from 1 to 1024"],
    [{ workers: "many" }, 'workers: found "many", expected a whole number from 1 to 1024, or auto'],
    [
      { log: { level: "inof" } },
      'log.level: found "inof", expected trace, debug, info, warn, error, fatal or silent (did you mean info?)',
    ],
    [{ log: { access: "yes" } }, 'log.access: found "yes", expected true or false'],
    [
      { auth: { apiKeys: [{ name: "a", key: "b c" }] } },
      "auth.apiKeys[0].key: found a secret (not shown), expected a key of printable ASCII characters without spaces",
    ],
    [
      { auth: { apiKeys: [{ name: "a" }] } },
      "auth.apiKeys[0].key: found nothing, expected a key of printable ASCII characters without spaces",
    ],
    [{ auth: { header: "X API" } }, 'auth.header: found "X API", expected a header field\'s name'],
    [
      { trustedProxies: ["10.0.0.0/40"] },
      'trustedProxies[0]: found "10.0.0.0/40", expected an address or a network such as 10.0.0.0/8 or fd00::/8',
    ],
    [
      { trustedProxies: ["10.0.0.0/8/8"] },
      'trustedProxies[0]: found "10.0.0.0/8/8", expected an address or a network such as 10.0.0.0/8 or fd00::/8',
    ],
    [
      { trustedProxies: ["localhost"] },
      'trustedProxies[0]: found "localhost", expected an address or a network such as 10.0.0.0/8 or fd00::/8',
    ],
    [
      backend("127.0.0.1:8000"),
      `pools.default.backends[0]: found "127.0.0.1:8000", ${BACKEND} (did you mean http://127.0.0.1:8000?)`,
    ],
    [backend("ftp://x"), `pools.default.backends[0]: found "ftp://x", ${BACKEND}`],
    [
      backend("http://x/api"),
      `pools.default.backends[0]: found "http://x/api", ${BACKEND} (leave out the path: requests keep their own)`,
    ],
    [
      backend("http://x?q"),
      `pools.default.backends[0]: found "http://x?q", ${BACKEND} (leave out the query and fragment)`,
    ],
    [
      backend("http://u:p@x"),
      `pools.default.backends[0]: found "http://u:p@x", ${BACKEND} (leave out the user name and password)`,
    ],
    [backend("http://x:0"), `pools.default.backends[0]: found "http://x:0", ${BACKEND}`],
    [
      backend({ url: "http://x", weight: 0 }),
      "pools.default.backends[0].weight: found 0, expected a whole number from 1 to 1000",
    ],
    [
      backend({ uri: "http://x" }),
      "pools.default.backends[0].uri: found an unknown key, expected url, weight, priority, zone or limits (did you mean url?)",
    ],
    [
      { pools: { "we b": { backends: [] } } },
      `pools["we b"]: found this name, expected a pool's name: letters, digits, dots, dashes and underscores`,
    ],
    [
      { pools: { web: { balancing: "round-robbin", backends: [] } } },
      'pools.web.balancing: found "round-robbin", expected round-robin, weighted-round-robin, least-connections, random, power-of-two, peak-ewma, load-aware or { policy: consistent-hash, on: client, … } (did you mean round-robin?)',
    ],
    [{ routes: [{ path: "api" }] }, 'routes[0].path: found "api", expected a path that starts with / and has no query'],
    [
      { routes: [{ auth: "apikey" }] },
      'routes[0].auth: found "apikey", expected api-key or none (did you mean api-key?)',
    ],
    [
      { routes: [{ methods: "GET" }] },
      'routes[0].methods: found "GET", expected a list of methods such as [GET, HEAD]',
    ],
    [
      { routes: [{ host: "a:80" }] },
      'routes[0].host: found "a:80", expected a host name without a port, or *.example.com',
    ],
    [
      { port: () => 1 },
      "port: found an unknown key, expected listeners, admin, auth, cache, pools, routes, compression, headers, timeouts, limits, trustedProxies, log, shutdown, workers or stateDir",
    ],
    [[1], "found [1], expected an object of settings"],
    [null, "found null, expected an object of settings"],
  ])("%j", (raw, told) => {
    expect(problems(raw)).toContain(told);
  });

  test("every fault is told at once, and the sections without one are still read", () => {
    const raw = { cache: { ttl: "x", entries: -1 }, nope: 1, log: { level: "debug" } };
    const { findings, sections } = parseConfig(raw);
    expect(findings.map(({ path }) => formatPath(path))).toEqual(["cache.entries", "cache.ttl", "nope"]);
    expect(sections.log?.level).toBe("debug");
    expect(sections.cache).toBeUndefined();
  });

  test("a long value is shortened, and one that is not data is named", () => {
    expect(problems({ log: { access: "x".repeat(100) } })[0]).toMatch(/^log\.access: found "x{59}…, expected/);
    expect(problems({ log: { access: () => true } })[0]).toBe("log.access: found a function, expected true or false");
  });
});

test.each([
  ["ttll", "ttl"],
  ["object_size", "objectSize"],
  ["OBJECTSIZE", "objectSize"],
  ["memroy", "memory"],
  ["completely", undefined],
  ["x", undefined],
])("the key nearest to %j is %p", (written, meant) => {
  expect(nearest(written, ["entries", "memory", "ttl", "objectSize"])).toBe(meant);
});

test("paths are written as in the file, and read back from it", () => {
  expect(formatPath(["pools", "a b", "backends", 0, "url"])).toBe('pools["a b"].backends[0].url');
  expect(formatPath([])).toBe("");
  expect(valueAt({ a: [{ b: 1 }] }, ["a", 0, "b"])).toBe(1);
  expect(valueAt({ a: [{ b: 1 }] }, ["a", 1, "b"])).toBeUndefined();
  expect(valueAt({}, ["toString"])).toBeUndefined();
});
