import { createPrivateKey } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ConfigError } from "../src/config/errors.ts";
import { loadConfig } from "../src/config/load.ts";
import { loadTlsMaterial } from "../src/config/tls/material.ts";
import { makeSelfSigned } from "../src/config/tls/self-signed.ts";
import { type Folder, makeFolder } from "./config-files.ts";

const NOW = Date.UTC(2026, 0, 15);
const DAY = 86_400_000;

let folder: Folder;
let good: { cert: string; key: string };
let other: { cert: string; key: string };
beforeAll(async () => {
  [good, other] = await Promise.all([makeSelfSigned(NOW), makeSelfSigned(NOW)]);
});
beforeEach(async () => {
  folder = await makeFolder();
  await Promise.all([
    folder.write("conf/certs/a.pem", good.cert),
    folder.write("conf/certs/a.key", good.key),
    folder.write("conf/certs/ca.pem", `${other.cert}\n${good.cert}`),
  ]);
});
afterEach(() => folder.remove());

const AUTH = { apiKeys: [{ name: "a", key: "b" }] };

async function load(config: object, now = NOW) {
  await folder.write("conf/headgate.json", JSON.stringify({ auth: AUTH, ...config }));
  return loadConfig({ cwd: folder.path, env: {}, now: () => now, config: "conf/headgate.json" });
}

const listener = (tls: object) => ({
  listeners: [{ port: 0, tls: { cert: "certs/a.pem", key: "certs/a.key", ...tls } }],
});
const pool = (tls: object) => ({ pools: { default: { backends: ["https://a"], tls } } });
const at = (name: string): string => join(folder.path, "conf", name);

const lock = (key: string): string =>
  createPrivateKey(key).export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "x" }).toString();

async function problems(config: object, now = NOW): Promise<string[]> {
  const error: unknown = await load(config, now).catch((error: unknown) => error);
  if (!(error instanceof ConfigError)) throw new Error("expected a refusal", { cause: error });
  return error.problems.map(({ path, found, hint }) => `${path}: ${found}${hint === undefined ? "" : ` (${hint})`}`);
}

test("paths are relative to the config file, and all files are watched", async () => {
  const { snapshot, files, warnings } = await load({ ...listener({ ca: "certs/ca.pem" }), stateDir: "state" });
  expect(files).toEqual([at("headgate.json"), at("certs/a.pem"), at("certs/a.key"), at("certs/ca.pem")]);
  expect(snapshot.listeners[0]?.tls).toMatchObject({ cert: at("certs/a.pem"), minVersion: "TLSv1.2" });
  expect(snapshot.stateDir).toBe(at("state"));
  expect(warnings).toEqual([]);
});

test("a listener's material: certificate, key, least version, and client certificates where a CA is named", async () => {
  const { snapshot } = await load({
    listeners: [
      { port: 0 },
      { port: 0, tls: { cert: "certs/a.pem", key: "certs/a.key", minVersion: "TLSv1.3" } },
      { port: 0, tls: { cert: "certs/a.pem", key: "certs/a.key", ca: "certs/ca.pem" } },
    ],
  });
  const { listeners } = await loadTlsMaterial(snapshot, NOW);
  const pair = { cert: good.cert, key: good.key };
  expect(listeners).toEqual([
    undefined,
    { ...pair, requestCert: false, rejectUnauthorized: false, minVersion: "TLSv1.3" },
    { ...pair, ca: `${other.cert}\n${good.cert}`, requestCert: true, rejectUnauthorized: true, minVersion: "TLSv1.2" },
  ]);
});

test("a pool's material: verification on unless turned off, own CA, name and client certificate", async () => {
  const { snapshot } = await load(
    pool({ ca: "certs/ca.pem", servername: "api.internal", cert: "certs/a.pem", key: "certs/a.key" }),
  );
  const { pools } = await loadTlsMaterial(snapshot, NOW);
  expect(pools.default).toEqual({
    rejectUnauthorized: true,
    ca: `${other.cert}\n${good.cert}`,
    cert: good.cert,
    key: good.key,
    servername: "api.internal",
  });
  const open = await load(pool({ verify: false }));
  expect(open.warnings).toEqual([expect.stringContaining("pools.default.tls.verify is false")]);
  expect((await loadTlsMaterial(open.snapshot, NOW)).pools.default).toEqual({ rejectUnauthorized: false });
});

test("the self-signed certificate is made in stateDir only when material is loaded", async () => {
  const { snapshot } = await load({ listeners: [{ port: 0, tls: "self-signed" }], stateDir: "state" });
  await expect(readFile(at("state/cert.pem"))).rejects.toThrow();
  const { listeners } = await loadTlsMaterial(snapshot, NOW);
  expect(listeners[0]).toMatchObject({ cert: await readFile(at("state/cert.pem"), "utf8"), minVersion: "TLSv1.2" });
});

test.each<[string, object, string]>([
  ["a missing certificate", { cert: "certs/no.pem" }, "listeners[0].tls.cert: certs/no.pem: there is no such file"],
  ["a folder", { cert: "certs" }, "listeners[0].tls.cert: certs: it is a folder"],
  ["what is not PEM", { cert: "certs/text" }, "listeners[0].tls.cert: certs/text, which is not PEM"],
  [
    "a cut-off certificate",
    { cert: "certs/cut.pem" },
    "listeners[0].tls.cert: certs/cut.pem, which holds CERTIFICATE that cannot be used",
  ],
  [
    "a key in the certificate's place",
    { cert: "certs/a.key" },
    "listeners[0].tls.cert: certs/a.key, which holds PRIVATE KEY that cannot be used",
  ],
  [
    "a certificate in the key's place",
    { key: "certs/a.pem" },
    "listeners[0].tls.key: certs/a.pem, which holds CERTIFICATE that cannot be used",
  ],
  ["another's key", { key: "certs/b.key" }, "listeners[0].tls.key: certs/b.key, the key of another certificate"],
  [
    "a key with a passphrase",
    { key: "certs/locked.key" },
    "listeners[0].tls.key: certs/locked.key, which holds ENCRYPTED PRIVATE KEY that cannot be used (take the passphrase off: openssl pkey -in key.pem -out plain.pem)",
  ],
  ["a missing CA", { ca: "certs/no.pem" }, "listeners[0].tls.ca: certs/no.pem: there is no such file"],
])("%s is refused", async (_, tls, problem) => {
  await folder.write("conf/certs/text", "hello");
  await folder.write("conf/certs/cut.pem", good.cert.replace(/[\r\n]+[^\r\n]+(?=[\r\n]+-----END)/, ""));
  await folder.write("conf/certs/b.key", other.key);
  await folder.write("conf/certs/locked.key", lock(good.key));
  expect(await problems(listener(tls))).toEqual([problem.replace("certs", at("certs"))]);
});

test("every file at fault is told, a pool's too", async () => {
  const tls = { cert: "no.pem", key: "no.key", ca: "no.ca" };
  expect(await problems({ ...listener(tls), ...pool(tls) })).toHaveLength(6);
});

test.each([
  ["expired", NOW + 400 * DAY, /^listeners\[0\]\.tls\.cert: .*, which expired on 20.*\(renew it\)$/],
  ["not valid yet", NOW - 400 * DAY, /^listeners\[0\]\.tls\.cert: .*, which is valid only from 20/],
])("a certificate that is %s is refused", async (_, now, problem) => {
  expect(await problems(listener({}), now)).toEqual([expect.stringMatching(problem)]);
});

test("one that expires within two weeks is warned of", async () => {
  const { warnings } = await load(listener({}), NOW + 380 * DAY);
  expect(warnings).toEqual([expect.stringMatching(/a\.pem expires on .*: renew it\./)]);
});

test("a file that went between check and use is told as well", async () => {
  const { snapshot } = await load(listener({}));
  await folder.write("conf/certs/a.key", other.key);
  await expect(loadTlsMaterial(snapshot, NOW)).rejects.toThrow(
    /listeners\[0\]\.tls\.key: found .*a\.key, the key of another certificate/,
  );
});
