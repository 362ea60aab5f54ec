import { originOf, overlayEnvironment, overlayFlag } from "../src/config/environment.ts";

const overlaid = (raw: unknown, env: Record<string, string>) => {
  const overlay = overlayEnvironment(raw, env);
  expect(overlay.findings).toEqual([]);
  return overlay.raw;
};

test.each<[string, string, unknown]>([
  ["HEADGATE_CACHE__TTL", "60s", { cache: { ttl: "60s" } }],
  ["HEADGATE_CACHE__TTL", "250", { cache: { ttl: 250 } }],
  ["HEADGATE_CACHE__OBJECTSIZE", "1MiB", { cache: { objectSize: "1MiB" } }],
  ["HEADGATE_CACHE__OBJECT_SIZE", "1MiB", { cache: { objectSize: "1MiB" } }],
  ["HEADGATE_cache__objectSize", "1MiB", { cache: { objectSize: "1MiB" } }],
  ["HEADGATE_ADMIN", "false", { admin: false }],
  ["HEADGATE_ADMIN__PORT", "9000", { admin: { port: 9000 } }],
  ["HEADGATE_WORKERS", "auto", { workers: "auto" }],
  ["HEADGATE_WORKERS", "4", { workers: 4 }],
  ["HEADGATE_STATE_DIR", "123", { stateDir: "123" }],
  ["HEADGATE_LISTENERS", '[{"port":80}]', { listeners: [{ port: 80 }] }],
  ["HEADGATE_LISTENERS", "[{port", { listeners: "[{port" }],
  ["HEADGATE_TRUSTED_PROXIES", "10.0.0.0/8, ::1", { trustedProxies: ["10.0.0.0/8", "::1"] }],
  ["HEADGATE_LOG__ACCESS", "false", { log: { access: false } }],
  ["HEADGATE_LOG__ACCESS", "no", { log: { access: "no" } }],
  ["HEADGATE_POOLS", '{"web":{"backends":[]}}', { pools: { web: { backends: [] } } }],
])("%s=%s", (variable, text, raw) => {
  expect(overlaid({}, { [variable]: text, PATH: "/bin", HEADGATE: "x" })).toEqual(raw);
});

test("what the file says beside it stays, and the file's object is not changed", () => {
  const raw = { cache: { entries: 5, ttl: "1s" }, log: { level: "warn" } };
  expect(overlaid(raw, { HEADGATE_CACHE__TTL: "60s" })).toEqual({
    cache: { entries: 5, ttl: "60s" },
    log: { level: "warn" },
  });
  expect(raw.cache.ttl).toBe("1s");
});

test("a part of a list or of the pools starts from the file's, else from the default", () => {
  const key = { HEADGATE_AUTH__API_KEYS__0__KEY: "secret" };
  expect(overlaid({}, key)).toEqual({ auth: { apiKeys: [{ name: "dev", key: "secret" }] } });
  expect(overlaid({ auth: { apiKeys: [{ name: "own", key: "x" }] } }, key)).toEqual({
    auth: { apiKeys: [{ name: "own", key: "secret" }] },
  });
  const backends = [8000, 8001, 8002, 8003].map((port) => `http://127.0.0.1:${port}`);
  expect(overlaid({}, { HEADGATE_POOLS__DEFAULT__RETRIES: "0" })).toEqual({
    pools: { default: { backends, retries: 0 } },
  });
  expect(overlaid({}, { HEADGATE_LISTENERS__0__PORT: "80" })).toEqual({
    listeners: [{ port: 80 }, { port: 8443, tls: "self-signed" }],
  });
});

test("a pool of the file is found whatever its case; another one is new", () => {
  const raw = { pools: { "Web-App": { backends: ["http://a"] } } };
  expect(overlaid(raw, { HEADGATE_POOLS__WEB_APP__BACKENDS: "http://b,http://c" })).toEqual({
    pools: { "Web-App": { backends: ["http://b", "http://c"] } },
  });
  expect(overlaid(raw, { HEADGATE_POOLS__API__BACKENDS: "http://b" })).toEqual({
    pools: { ...raw.pools, api: { backends: ["http://b"] } },
  });
});

test.each([
  ["HEADGATE_CACH__TTL", [], "did you mean HEADGATE_CACHE?"],
  ["HEADGATE_CACHE__TTLL", ["cache"], "did you mean HEADGATE_CACHE__TTL?"],
  ["HEADGATE_CACHE__OBJECT_SIZES", ["cache"], "did you mean HEADGATE_CACHE__OBJECT_SIZE?"],
  ["HEADGATE_ROUTES__FIRST__PATH", ["routes"], undefined],
  ["HEADGATE_CACHE__TTL__X", ["cache", "ttl"], undefined],
  ["HEADGATE_", [], undefined],
])("%s names no key", (variable, path, hint) => {
  const { findings, raw } = overlayEnvironment({ a: 1 }, { [variable]: "1" });
  expect(findings).toEqual([
    {
      variable,
      path,
      found: "a variable that names no key",
      expected: expect.any(String),
      hint,
    },
  ]);
  expect(raw).toEqual({ a: 1 });
});

test("what a variable or a flag set is traced back to it", () => {
  const overlay = overlayEnvironment({}, { HEADGATE_LISTENERS: '[{"port":80}]' });
  overlayFlag(overlay, "workers", "2");
  overlayFlag(overlay, "nope", "2");
  expect(overlay.raw).toEqual({ listeners: [{ port: 80 }], workers: 2 });
  expect(originOf(overlay.origins, ["listeners", 0, "port"])).toBe("HEADGATE_LISTENERS");
  expect(originOf(overlay.origins, ["workers"])).toBe("--workers");
  expect(originOf(overlay.origins, ["cache", "ttl"])).toBeUndefined();
});
