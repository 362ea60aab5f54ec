import { overlayEnvironment } from "../src/config/environment.ts";
import { formatProblem, locateFinding } from "../src/config/errors.ts";
import { loadConfig } from "../src/config/load.ts";
import { parseConfig } from "../src/config/parse.ts";
import { effectiveConfig } from "../src/config/print.ts";
import { applyRules } from "../src/config/rules.ts";
import type { ParsedConfig } from "../src/config/schema.ts";
import { makeSnapshot } from "../src/config/snapshot.ts";
import { loadTlsMaterial } from "../src/config/tls/material.ts";
import { makeSelfSigned } from "../src/config/tls/self-signed.ts";
import { makeFolder } from "./config-files.ts";

const AUTH = { apiKeys: [{ name: "own", key: "own-secret" }] };
const raw = (redis: unknown): object => ({ auth: AUTH, cache: { redis } });

/** What is told of a `cache.redis`. */
function judge(redis: unknown): { problems: string[]; warnings: string[] } {
  const { sections, findings } = parseConfig(raw(redis));
  const verdict = applyRules(sections, { production: false });
  const problems = [...findings, ...verdict.findings].map((finding) =>
    formatProblem(locateFinding(finding, () => undefined)),
  );
  return { problems, warnings: verdict.warnings };
}

const shown = (redis: unknown, secrets: "redact" | "show"): unknown => {
  const { sections } = parseConfig(raw(redis));
  return effectiveConfig(makeSnapshot(sections as ParsedConfig, { host: "all" }), { secrets });
};

test("a URL is enough", () => {
  const { sections } = parseConfig(raw({ url: "redis://127.0.0.1:6379" }));
  expect(sections.cache?.redis).toEqual({
    url: ["redis://127.0.0.1:6379"],
    cluster: false,
    timeout: 50,
    prefix: "headgate:",
    memoryTtl: 5000,
    objectSize: 1024 ** 2,
    tls: { verify: true },
  });
  expect(judge({ url: "redis://127.0.0.1:6379" })).toEqual({ problems: [], warnings: [] });
  expect(parseConfig({}).sections.cache?.redis).toBeUndefined();
});

test("a variable of the environment turns it on, too", () => {
  const { raw: overlaid } = overlayEnvironment({}, { HEADGATE_CACHE__REDIS__URL: "redis://h" });
  expect(parseConfig(overlaid).sections.cache?.redis?.url).toEqual(["redis://h"]);
});

test.each<[string, object, string]>([
  ["no URL", {}, "cache.redis.url: found nothing, expected a Redis URL such as"],
  ["another scheme", { url: "http://h" }, "cache.redis.url: found a secret (not shown), expected a Redis URL such as"],
  [
    "no URL at all",
    { url: ["h:6379"] },
    "cache.redis.url[0]: found a secret (not shown), expected a Redis URL such as",
  ],
  ["none in the list", { url: [] }, "cache.redis.url: found"],
  ["braces in the prefix", { url: "redis://h", prefix: "{a}:" }, 'cache.redis.prefix: found "{a}:", expected 1 to 64'],
  ["an unknown key", { url: "redis://h", ttl: 1 }, "cache.redis.ttl: found an unknown key"],
  ["several without a cluster", { url: ["redis://a", "redis://b"] }, "cache.redis.url: found 2 URLs, expected one URL"],
  ["a database of a cluster", { url: "redis://a/1", cluster: true }, "cache.redis.url[0]: found database 1"],
  [
    "nodes with and without TLS",
    { url: ["redis://a", "rediss://b"], cluster: true },
    "cache.redis.url[1]: found rediss, expected the same scheme",
  ],
  ["a certificate alone", { url: "rediss://a", tls: { cert: "a.pem" } }, "cache.redis.tls.key: found nothing"],
])("refused: %s", (_, redis, problem) => {
  expect(judge(redis).problems).toEqual([expect.stringContaining(problem)]);
});

test("what is allowed but should be known is told", () => {
  expect(judge({ url: "rediss://a", tls: { verify: false } }).warnings).toEqual([
    expect.stringContaining("cache.redis.tls.verify is false"),
  ]);
  expect(judge({ url: "redis://a", tls: { ca: "ca.pem" } }).warnings).toEqual([
    expect.stringContaining("cache.redis.tls is not used"),
  ]);
});

test("passwords in URLs are shown only to whom asks for secrets", () => {
  const redis = { url: ["redis://u:s3cret@h:1", "redis://other"], cluster: true };
  expect(shown(redis, "redact")).toMatchObject({
    cache: { redis: { url: ["redis://u:(redacted)@h:1", "redis://other"], timeout: "50ms", objectSize: "1MiB" } },
  });
  expect(shown(redis, "show")).toMatchObject({ cache: { redis: { url: redis.url } } });
});

test("its files are read, watched, and told of where they are wrong", async () => {
  const folder = await makeFolder();
  const now = Date.UTC(2026, 0, 15);
  const { cert } = await makeSelfSigned(now);
  const load = (ca: string) =>
    folder
      .write("headgate.json", JSON.stringify(raw({ url: "rediss://h", tls: { ca, servername: "r" } })))
      .then(() => loadConfig({ cwd: folder.path, env: {}, now: () => now, config: "headgate.json" }));
  await folder.write("ca.pem", cert);
  const { snapshot, files } = await load("ca.pem");
  expect(files).toContainEqual(expect.stringMatching(/ca\.pem$/));
  const plain = { ...snapshot, listeners: [] };
  expect((await loadTlsMaterial(plain, now)).redis).toEqual({ rejectUnauthorized: true, ca: cert, servername: "r" });
  await expect(load("none.pem")).rejects.toThrow("cache.redis.tls.ca");
  await folder.remove();
});
