import { formatProblem, locateFinding } from "../src/config/errors.ts";
import { parseConfig } from "../src/config/parse.ts";
import { applyRules } from "../src/config/rules.ts";

function judge(raw: unknown, production = false) {
  const { sections, findings } = parseConfig(raw);
  expect(findings).toEqual([]);
  const verdict = applyRules(sections, { production });
  return {
    problems: verdict.findings.map((finding) => formatProblem(locateFinding(finding, () => undefined))),
    warnings: verdict.warnings,
  };
}

const OWN_KEY = { apiKeys: [{ name: "own", key: "own-secret" }] };
const backends = ["http://a:1"];

test("a config in order has neither problems nor warnings", () => {
  expect(judge({ auth: OWN_KEY })).toEqual({ problems: [], warnings: [] });
});

describe("the development key", () => {
  test("is warned of", () => {
    expect(judge({})).toEqual({
      problems: [],
      warnings: [expect.stringContaining("auth.apiKeys[0].key is the development key")],
    });
  });

  test("is refused in production, wherever it stands", () => {
    const apiKeys = [...OWN_KEY.apiKeys, { name: "dev", key: "test-api-key-123" }];
    expect(judge({ auth: { apiKeys } }, true)).toEqual({
      problems: [
        "auth.apiKeys[1].key: found the development key, expected a secret key, since NODE_ENV is production (set a key of your own in the config file or with HEADGATE_AUTH__API_KEYS__1__KEY)",
      ],
      warnings: [],
    });
    expect(judge({ auth: OWN_KEY }, true)).toEqual({ problems: [], warnings: [] });
  });
});

test.each<[string, object, string]>([
  [
    "a name twice",
    {
      auth: {
        apiKeys: [
          { name: "a", key: "x" },
          { name: "a", key: "y" },
        ],
      },
    },
    'auth.apiKeys[1].name: found "a" a second time, expected a name that auth.apiKeys[0] does not have',
  ],
  [
    "a key twice, not shown",
    {
      auth: {
        apiKeys: [
          { name: "a", key: "x" },
          { name: "b", key: "x" },
        ],
      },
    },
    "auth.apiKeys[1].key: found the key of auth.apiKeys[0] a second time, expected a key of its own",
  ],
  [
    "no key for a route that asks for one",
    { auth: { apiKeys: [] }, routes: [{ path: "/p", auth: "none" }, {}] },
    "auth.apiKeys: found an empty list, expected at least one key, since routes[1] asks for one (add a key, or set the route's auth to none)",
  ],
  [
    "a backend twice, by its normal form",
    { pools: { default: { backends: ["http://a:80", "http://A/"] } } },
    "pools.default.backends[1]: found http://a a second time, expected each backend once (to give it a larger share, set the weight of backends[0])",
  ],
  [
    "a client certificate without its key",
    { pools: { default: { backends, tls: { cert: "c.pem" } } } },
    "pools.default.tls.key: found nothing, expected a file, since pools.default.tls.cert is set",
  ],
  [
    "a client key without its certificate",
    { pools: { default: { backends, tls: { key: "k.pem" } } } },
    "pools.default.tls.cert: found nothing, expected a file, since pools.default.tls.key is set",
  ],
  [
    "a pool that is not there",
    { pools: { web: { backends }, default: { backends } }, routes: [{ path: "/x", pool: "wbe" }, {}] },
    'routes[0].pool: found "wbe", expected one of the pools: web, default (did you mean web?)',
  ],
  [
    "the default pool where it is not there",
    { pools: { api: { backends } } },
    'routes[0].pool: found "default", expected one of the pools: api',
  ],
  [
    "a pool of a split that is not there",
    { pools: { web: { backends } }, routes: [{ split: [{ pool: "web" }, { pool: "wbe" }] }] },
    'routes[0].split[1].pool: found "wbe", expected one of the pools: web (did you mean web?)',
  ],
  [
    "a pool that is mirrored to and not there",
    { pools: { default: { backends } }, routes: [{ mirror: { pool: "shadow" } }] },
    'routes[0].mirror.pool: found "shadow", expected one of the pools: default',
  ],
  [
    "a pool twice in a split",
    { pools: { web: { backends } }, routes: [{ split: [{ pool: "web" }, { pool: "web", weight: 2 }] }] },
    "routes[0].split[1].pool: found web a second time, expected a pool of its own, since routes[0].split[0] has this one",
  ],
  [
    "a split's cookie for other sites without TLS",
    { pools: { web: { backends } }, routes: [{ split: [{ pool: "web" }], assign: { sameSite: "none" } }] },
    "routes[0].assign.secure: found nothing, expected true, since routes[0].assign.sameSite is none",
  ],
  ["no pool at all", { pools: {} }, 'routes[0].pool: found "default", expected a pool, but none is set'],
  [
    "a port twice",
    { listeners: [{ port: 80 }, { port: 80, host: "::1" }] },
    "listeners[1].port: found 80, which listeners[0] already has, expected a port of its own",
  ],
  [
    "the admin's port",
    { listeners: [{ port: 9901, host: ["::1", "127.0.0.1"] }] },
    "admin.port: found 9901, which listeners[0] already has, expected a port of its own",
  ],
])("%s is refused", (_, raw, problem) => {
  expect(judge({ auth: OWN_KEY, ...raw }).problems).toContain(problem);
});

test("ports may meet on different addresses, and any free one is taken as often as asked", () => {
  const listeners = [{ port: 9901, host: "10.0.0.1" }, { port: 9901, host: "10.0.0.2" }, { port: 0 }, { port: 0 }];
  expect(judge({ auth: OWN_KEY, listeners }).problems).toEqual([]);
  expect(judge({ auth: OWN_KEY, listeners: [{ port: 9901 }], admin: false }).problems).toEqual([]);
});

test.each<[string, object, string]>([
  [
    "an unverified backend",
    { pools: { default: { backends, tls: { verify: false } } } },
    "pools.default.tls.verify is false:",
  ],
  ["an empty pool", { pools: { default: { backends: [] } } }, "pools.default.backends is empty:"],
  ["an idle pool", { pools: { default: { backends }, old: { backends } } }, "pools.old is named by no route"],
  ["a covered route", { routes: [{}, { path: "/api" }] }, "routes[1] is never used: routes[0] takes all its requests."],
  [
    "splits of different pools with one cookie",
    {
      pools: { a: { backends }, b: { backends }, c: { backends } },
      routes: [
        { path: "/a", split: [{ pool: "a" }, { pool: "b" }] },
        { path: "/b", split: [{ pool: "a" }, { pool: "c" }] },
      ],
    },
    "routes[1].assign.cookie is that of routes[0], which is split over other pools",
  ],
  [
    "a route that wants more of the same header than one above it",
    { routes: [{ headers: { "X-Beta": "on*" } }, { headers: { "x-beta": "only" }, cookies: { a: true } }, {}] },
    "routes[1] is never used",
  ],
  [
    "a route that wants a header's value below one that wants it to be there",
    { routes: [{ headers: { a: true } }, { headers: { a: "1*" } }, {}] },
    "routes[1] is never used",
  ],
  [
    "a route of fewer methods below one of more",
    { routes: [{ path: "/a", methods: ["GET", "HEAD"] }, { path: "/a/b", methods: ["GET"] }, {}] },
    "routes[1] is never used",
  ],
])("%s is warned of", (_, raw, warning) => {
  expect(judge({ auth: OWN_KEY, ...raw })).toEqual({ problems: [], warnings: [expect.stringContaining(warning)] });
});

test.each<[string, object[]]>([
  ["a narrower path first", [{ path: "/api" }, {}]],
  ["paths that share letters but no segment", [{ path: "/api" }, { path: "/apix" }]],
  ["a header more than the later has", [{ headers: { a: "1" } }, {}]],
  ["another value", [{ headers: { a: "1" } }, { headers: { a: "2" } }, {}]],
  ["a value below its beginning", [{ cookies: { a: "12" } }, { cookies: { a: "1*" } }, {}]],
  ["any value below one", [{ query: { a: "1" } }, { query: { a: true } }, {}]],
  ["none and any", [{ headers: { a: false } }, { headers: { a: true } }, {}]],
  ["another host", [{ host: "a.com" }, { host: "b.com" }, {}]],
  ["more methods than the earlier", [{ methods: ["GET"] }, { methods: ["GET", "POST"] }, {}]],
])("%s is a route of its own", (_, routes) => {
  expect(judge({ auth: OWN_KEY, routes }).warnings).toEqual([]);
});

test("sections with faults of their own are left out of the rules", () => {
  expect(applyRules({}, { production: true })).toEqual({ findings: [], warnings: [] });
});
