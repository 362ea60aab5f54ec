import { REDIS, REFRESHES, TestAdmin } from "./client.ts";
import { aBackend } from "./fake-control.ts";

let admin: TestAdmin;
beforeEach(async () => {
  admin = await new TestAdmin().start();
});
afterEach(() => admin.stop());

const backends = "/api/pools/default/backends";
const second = "127.0.0.1:8001";

describe("health", () => {
  test("is live while it runs", async () => {
    expect(await admin.ask("/livez")).toMatchObject({ status: 200, json: { alive: true } });
  });

  test("is ready when the control plane says so, else 503 with the reasons", async () => {
    expect(await admin.ask("/readyz")).toMatchObject({ status: 200, json: { ready: true, reasons: [] } });
    admin.control.ready = { ready: false, reasons: ["No backend of pool default is usable."] };
    admin.control.failedReload = "bad config";
    expect(await admin.ask("/readyz")).toMatchObject({
      status: 503,
      json: { ready: false, reasons: ["No backend of pool default is usable."], reloadError: "bad config" },
    });
  });

  test("metrics are in Prometheus' text format", async () => {
    const { status, headers, body } = await admin.ask("/metrics");
    expect(status).toBe(200);
    expect(headers["content-type"]).toBe("text/plain; version=0.0.4; charset=utf-8");
    expect(body).toBe("headgate_ready 1\n");
  });

  test("HEAD has the head of GET", async () => {
    const { status, headers, body } = await admin.ask("/livez", { method: "HEAD" });
    expect({ status, length: headers["content-length"], body }).toEqual({ status: 200, length: "20", body: "" });
  });
});

describe("backends", () => {
  test("of all pools, with times as ISO 8601 beside milliseconds and what they did lately", async () => {
    admin.control.members.set("api", [aBackend(9000, { pool: "api", lastHealthy: null, probes: [] })]);
    const { status, json } = await admin.ask("/api/backends");
    expect(status).toBe(200);
    expect(json).toEqual([
      {
        ...aBackend(8000),
        lastHealthyAt: "2026-01-02T12:34:56.000Z",
        drainUntilAt: null,
        leaseUntilAt: null,
        perSecond: 0.5,
        p99: expect.closeTo(4, 0),
        probes: [
          { ok: true, status: 200, latency: 2, at: Date.UTC(2026, 0, 2, 12, 34, 56), time: "2026-01-02T12:34:56.000Z" },
        ],
      },
      expect.objectContaining({ id: second, perSecond: 0, p99: null }),
      expect.objectContaining({ id: "127.0.0.1:9000", pool: "api", lastHealthy: null, lastHealthyAt: null }),
    ]);
  });

  test("by pool", async () => {
    const { json } = await admin.ask("/api/pools");
    expect(json).toMatchObject([
      { name: "default", balancing: "round-robin", backends: [{ id: "127.0.0.1:8000" }, { id: second }] },
    ]);
    expect((await admin.ask(backends)).json).toMatchObject([{ id: "127.0.0.1:8000" }, { id: second }]);
  });

  test("are added with a weight or without", async () => {
    expect(await admin.send("POST", backends, { url: "http://127.0.0.1:8004", weight: 3 })).toMatchObject({
      status: 201,
      json: { id: "127.0.0.1:8004", weight: 3, origin: "admin", state: "NOT_INITIATED" },
    });
    expect((await admin.send("POST", backends, { url: "http://127.0.0.1:8005" })).json).toMatchObject({ weight: 1 });
    expect(admin.control.pools()[0]?.backends).toHaveLength(4);
    expect(admin.log.join("")).toContain('"backend":"127.0.0.1:8004","weight":3,"msg":"backend added"');
  });

  test("are added for a lease, renewed without a line in the log, and shown with its end", async () => {
    const leased = { url: "http://127.0.0.1:8004", lease: "10s" };
    expect(await admin.send("POST", backends, leased)).toMatchObject({
      status: 201,
      json: { leaseUntilAt: "2026-01-02T00:00:10.000Z" },
    });
    const lines = admin.log.length;
    expect((await admin.send("POST", backends, leased)).status).toBe(200);
    expect(admin.log).toHaveLength(lines);
    expect(await admin.send("POST", backends, { ...leased, lease: "soon" })).toMatchObject({
      status: 400,
      json: { detail: 'lease is "soon": expected a duration such as 30s.' },
    });
  });

  test.each([
    ["id in the path", "DELETE", `${backends}/${second}`, undefined],
    ["encoded id in the path", "DELETE", `${backends}/${encodeURIComponent(second)}`, undefined],
    ["URL in the query", "DELETE", `${backends}?url=${encodeURIComponent(`http://${second}`)}`, undefined],
    ["id in the query", "DELETE", `${backends}?id=${second}`, undefined],
    ["id in the body", "DELETE", backends, { id: second }],
    ["URL in the body, with a slash", "DELETE", backends, { url: `http://${second}/` }],
  ])("are removed by %s", async (_, method, path, body) => {
    const answer = body === undefined ? await admin.ask(path, { method }) : await admin.send(method, path, body);
    expect(answer).toMatchObject({ status: 204, body: "" });
    expect(admin.control.pools()[0]?.backends.map(({ id }) => id)).toEqual(["127.0.0.1:8000"]);
  });

  test.each([
    ["id in the path", `${backends}/${second}/VERB`, undefined],
    ["encoded id in the path", `${backends}/${encodeURIComponent(second)}/VERB`, undefined],
    ["id in the body", `${backends}/VERB`, { id: second }],
    ["URL in the body", `${backends}/VERB`, { url: `HTTP://${second}` }],
    ["id in the query", `${backends}/VERB?id=${second}`, undefined],
  ])("are drained and enabled by %s", async (_, path, body) => {
    const post = (verb: string) => {
      const target = path.replace("VERB", verb);
      return body === undefined ? admin.ask(target, { method: "POST" }) : admin.send("POST", target, body);
    };
    expect(await post("drain")).toMatchObject({ status: 200, json: { id: second, draining: true } });
    expect(admin.control.pools()[0]?.backends.map(({ draining }) => draining)).toEqual([false, true]);
    expect(await post("enable")).toMatchObject({ status: 200, json: { id: second, draining: false } });
  });
});

test("a drain has a deadline where the query names one, and a backend put aside its reason and its end", async () => {
  const drained = await admin.ask(`${backends}/${second}/drain?deadline=30s`, { method: "POST" });
  expect(drained).toMatchObject({ status: 200, json: { draining: true, drainUntilAt: "2026-01-02T00:00:30.000Z" } });
  expect(await admin.ask(`${backends}/${second}/drain?deadline=30sec`, { method: "POST" })).toMatchObject({
    status: 400,
    json: { detail: 'deadline is "30sec": expected a duration such as 30s. Did you mean 30s?' },
  });
  const at = Date.UTC(2026, 0, 2);
  const ejection = { reason: "consecutive-faults" as const, at, until: at + 1000, times: 1 };
  admin.control.change("default", second, { ejected: true, ejection });
  const { json } = await admin.ask("/api/backends");
  expect(json).toContainEqual(
    expect.objectContaining({ id: second, ejection: { ...ejection, untilAt: "2026-01-02T00:00:01.000Z" } }),
  );
});

describe("cache", () => {
  test("stats", async () => {
    expect((await admin.ask("/api/cache")).json).toEqual({
      entries: 2,
      maxEntries: 1000,
      bytes: 5_000,
      maxBytes: 67_108_864,
      evictions: 0,
      filling: 1,
      fillingBytes: 2_048,
      refreshes: REFRESHES,
      redis: REDIS,
      results: { HIT: 7, MISS: 7 },
      reasons: [
        { result: "MISS", reason: "uri-miss", count: 5 },
        { result: "MISS", reason: "private", count: 2 },
      ],
    });
  });

  test.each([
    ["POST", "/api/cache/purge", { url: "http://a/b" }, { kind: "url", url: "http://a/b" }, "hard"],
    ["POST", "/api/cache/purge", { prefix: "http://a/", soft: true }, { kind: "prefix", prefix: "http://a/" }, "soft"],
    ["POST", "/api/cache/purge", { tag: "news", soft: false }, { kind: "tag", tag: "news" }, "hard"],
    ["POST", "/api/cache/purge", { all: true }, { kind: "all" }, "hard"],
    ["DELETE", "/api/cache", { tag: "news" }, { kind: "tag", tag: "news" }, "hard"],
    ["DELETE", "/api/cache", undefined, { kind: "all" }, "hard"],
    ["DELETE", "/api/cache?soft=true", undefined, { kind: "all" }, "soft"],
    ["DELETE", "/api/cache?url=http://a/b?c&soft=false", undefined, { kind: "url", url: "http://a/b?c" }, "hard"],
  ])("%s %s %j purges", async (method, path, body, selector, mode) => {
    const answer = body === undefined ? await admin.ask(path, { method }) : await admin.send(method, path, body);
    expect(answer).toMatchObject({ status: 200, json: { purged: 3, mode } });
    expect(admin.cache.purges).toEqual([[selector, mode]]);
  });

  test.each([
    ["nothing", {}, "exactly one of url, prefix, tag and all"],
    ["two selectors", { url: "a", tag: "b" }, "exactly one of url, prefix, tag and all"],
    ["a number", { tag: 5 }, "tag: expected text"],
    ["empty text", { prefix: "" }, "prefix: expected text, not nothing"],
    ["all: false", { all: false }, "all: expected true"],
    ["a typing error", { al: true }, '"al"'],
    ["a list", [], "expected object"],
  ])("a purge of %s is refused", async (_, body, detail) => {
    const answer = await admin.send("POST", "/api/cache/purge", body);
    expect(answer).toMatchObject({
      status: 400,
      json: { code: "invalid-input", detail: expect.stringContaining(detail) },
    });
    expect(admin.cache.purges).toEqual([]);
  });

  test("a wrong selector in a query does not purge everything", async () => {
    expect((await admin.ask("/api/cache?tags=news", { method: "DELETE" })).status).toBe(400);
    expect(admin.cache.purges).toEqual([]);
  });

  test("that is turned off has nothing to show", async () => {
    const bare = await new TestAdmin({ cache: null }).start();
    expect(await bare.ask("/api/cache")).toMatchObject({
      status: 404,
      json: { detail: "The cache is turned off in the config." },
    });
    await bare.stop();
  });
});

describe("status", () => {
  test("totals of the gateway", async () => {
    expect((await admin.ask("/api/live")).json).toEqual({
      perSecond: 0.5,
      p99: expect.closeTo(10, 0),
      requests: 1,
      errors: 0,
      cacheLookups: 1,
      cacheHits: 0,
      hitRatio: 0,
      reloadError: null,
    });
  });

  test("the effective config", async () => {
    expect((await admin.ask("/api/config")).json).toEqual({ workers: 1 });
  });

  test("a page that runs nothing but its own script and is not framed", async () => {
    const { status, headers, body } = await admin.ask("/");
    expect(status).toBe(200);
    expect(headers["content-type"]).toBe("text/html; charset=utf-8");
    expect(headers["content-security-policy"]).toMatch(
      /default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-.*frame-ancestors 'none'/,
    );
    expect(body).not.toMatch(/(?:src|href)="?https?:/);
  });
});

test("nothing is kept by caches or guessed at by browsers", async () => {
  for (const path of ["/livez", "/api/backends", "/nowhere"]) {
    expect((await admin.ask(path)).headers).toMatchObject({
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    });
  }
});
