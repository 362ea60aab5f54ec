import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { ServerOptions } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ConfigInput } from "../src/config/schema.ts";
import { readBackends } from "./support/backends-api.ts";
import { makeCertificate } from "./support/certificates.ts";
import { type RunningGateway, startGateway, testConfig } from "./support/gateway.ts";
import { type Answer, ask } from "./support/http-client.ts";
import { logLines } from "./support/log.ts";
import { type PlainBackend, startPlainBackend } from "./support/plain-backend.ts";
import { eventually } from "./support/raw-client.ts";

const authority = makeCertificate({ name: "An authority", authority: true });
const signed = makeCertificate({ issuer: authority });
const named = makeCertificate({ name: "inside", hosts: ["inside.example"], issuer: authority });
const client = makeCertificate({ name: "the gateway", issuer: authority });

const backends: PlainBackend[] = [];
let gateway: RunningGateway;
let folder: string;

/** A backend by https. */
async function start(tls: ServerOptions): Promise<PlainBackend> {
  const backend = await startPlainBackend((_request, response) => void response.end("by https"), { tls });
  backends.push(backend);
  return backend;
}

function file(name: string, pem: string): string {
  writeFileSync(join(folder, name), pem);
  return join(folder, name);
}

/** One pool for each way of asking, reached by a path of its name. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "headgate-tls-"));
  const ca = file("ca.pem", authority.cert);
  const show = { cert: file("client.pem", client.cert), key: file("client-key.pem", client.key) };
  const [trusted, own, other, mutual] = [
    await start(signed),
    await start(makeCertificate()),
    await start(named),
    await start({ ...signed, ca: authority.cert, requestCert: true, rejectUnauthorized: true }),
  ];
  const ways: Record<string, [PlainBackend, object]> = {
    "own-authority": [trusted, { ca }],
    "unknown-authority": [trusted, {}],
    "self-signed": [own, {}],
    unverified: [own, { verify: false }],
    "other-name": [other, { ca }],
    servername: [other, { ca, servername: "inside.example" }],
    "client-certificate": [mutual, { ca, ...show }],
    "no-client-certificate": [mutual, { ca }],
  };
  const pools: NonNullable<ConfigInput["pools"]> = {};
  for (const [name, [{ port }, tls]] of Object.entries(ways)) {
    pools[name] = { backends: [`https://127.0.0.1:${port}`], health: false, tls };
  }
  const checked = { backends: [trusted, own].map(({ port }) => `https://127.0.0.1:${port}`), tls: { ca } };
  gateway = await startGateway({
    ...testConfig([]),
    pools: { ...pools, checked },
    routes: [...Object.keys(pools), "checked"].map((pool) => ({ path: `/${pool}`, pool, auth: "none" })),
  });
});
afterAll(async () => {
  await gateway.stop();
  await Promise.all(backends.map((backend) => backend.close()));
  rmSync(folder, { recursive: true });
});

const get = (path: string): Promise<Answer> => ask(`http://127.0.0.1:${gateway.http}${path}`);

test.each(["own-authority", "unverified", "servername", "client-certificate"])("%s: reached", async (pool) => {
  expect(await get(`/${pool}`)).toMatchObject({ status: 200, text: "by https" });
});

test.each(["unknown-authority", "self-signed", "other-name"])(
  "%s: 502 upstream-tls, and nothing is sent",
  async (pool) => {
    const { status, headers, text } = await get(`/${pool}/secret`);
    expect({ status, code: JSON.parse(text).code }).toEqual({ status: 502, code: "upstream-tls" });
    expect(headers["proxy-status"]).toMatch(/error=tls_certificate_error/);
    expect(backends.flatMap(({ requests }) => requests).filter(({ url }) => url.endsWith("/secret"))).toEqual([]);
  },
);

test("a backend that asks for a certificate and gets none refuses", async () => {
  expect((await get("/no-client-certificate")).status).toBe(502);
});

test("verify: false is warned of at the start", () => {
  const warnings = logLines(gateway).filter(
    (line) => line.includes('"level":"warn"') && line.includes(".verify is false"),
  );
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toContain(
    "pools.unverified.tls.verify is false: whoever can stand between here and these backends",
  );
});

test("health checks verify as requests do, and say what is wrong", async () => {
  const [trusted, own] = backends as [PlainBackend, PlainBackend];
  await eventually(
    async () => (await get("/checked")).headers["x-backend-server"] === trusted.id,
    "the trusted one serves",
  );
  const view = (await readBackends(gateway.admin)).find(({ pool, id }) => pool === "checked" && id === own.id);
  expect(view?.state).toBe("UNREACHABLE");
  expect(view?.probes[0]).toMatchObject({ ok: false, reason: "certificate: self-signed" });
});
