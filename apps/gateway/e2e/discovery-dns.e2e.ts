import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readBackends } from "./support/backends-api.ts";
import { makeCertificate } from "./support/certificates.ts";
import { DnsServer } from "./support/dns-server.ts";
import { ask } from "./support/http-client.ts";
import { tells } from "./support/log.ts";
import {
  type Answering,
  type PlainBackend,
  type PlainBackendOptions,
  startPlainBackend,
} from "./support/plain-backend.ts";
import { closedPort } from "./support/raw-backend.ts";
import { eventually } from "./support/raw-client.ts";
import { PATIENCE, RPS, scenes } from "./support/scene.ts";

const scene = scenes();

/** A busy machine may keep a check waiting. */
const HEALTH = { interval: "100ms", timeout: "5s" };

const hello: Answering = (_request, response) => void setTimeout(() => response.end("hello"), 20);

const NAME = "api.test";
const SERVICE = "_http._tcp.api.test";

let dns: DnsServer;
beforeEach(async () => {
  dns = await DnsServer.start();
  scene.owns(() => dns.close());
});

/** A backend on each of these loopback addresses, all on one port. */
async function startBackends(hosts: readonly string[], options: PlainBackendOptions = {}): Promise<PlainBackend[]> {
  const backends: PlainBackend[] = [];
  for (const host of hosts) {
    const backend = await startPlainBackend(hello, { ...options, host, port: backends[0]?.port ?? 0 });
    scene.owns(() => backend.close());
    backends.push(backend);
  }
  return backends;
}

const discovery = (settings: object) => ({
  discovery: { dns: { name: NAME, servers: [dns.at], floor: "100ms", timeout: "500ms", ...settings } },
});

const start = (settings: object, pool: object = {}) =>
  scene.startPools({ default: { health: HEALTH, ...discovery(settings), ...pool } });

/** `id state` of each backend, once they are these. */
async function members(...expected: string[]): Promise<void> {
  let seen: string[] = [];
  const same = async (): Promise<boolean> => {
    seen = (await readBackends(scene.gateway.admin)).map(({ id, state }) => `${id} ${state}`).sort();
    return (
      seen.join() ===
      expected
        .map((id) => `${id} HEALTHY`)
        .sort()
        .join()
    );
  };
  await eventually(same, `the healthy members are ${expected}`, PATIENCE).catch((error: Error) => {
    throw new Error(`${error.message}; they are ${seen}\n${scene.gateway.log()}`);
  });
}

/** Waits until DNS was asked so many more times. */
async function asked(more: number): Promise<void> {
  const goal = dns.asked.length + more;
  await eventually(() => dns.asked.length >= goal, `DNS is asked ${more} more times`, PATIENCE);
}

test("an address joins and one leaves under 300 requests a second, and no request fails", async () => {
  const [one, two, three] = (await startBackends(["127.0.0.2", "127.0.0.3", "127.0.0.4"])) as [
    PlainBackend,
    PlainBackend,
    PlainBackend,
  ];
  dns.addresses(NAME, ["127.0.0.2", "127.0.0.3"]);
  await start({ port: one.port });
  await members(one.id, two.id);
  const load = scene.load();
  await load.goesOn(RPS);
  expect(load.servedBy(one.id)).toBeGreaterThan(RPS / 4);

  dns.addresses(NAME, ["127.0.0.2", "127.0.0.3", "127.0.0.4"]);
  await members(one.id, two.id, three.id);
  await eventually(() => load.servedBy(three.id) > RPS / 5, "the new one serves its share", PATIENCE);

  const lastProbes = (await readBackends(scene.gateway.admin)).find(({ id }) => id === two.id)?.probes[0]?.at;
  dns.addresses(NAME, ["127.0.0.4", "127.0.0.3"]);
  await members(two.id, three.id);
  const left = performance.now();
  await load.goesOn(RPS);
  expect(load.outcomes.filter(({ startedAt, backend }) => startedAt > left && backend === one.id)).toEqual([]);
  const kept = (await readBackends(scene.gateway.admin)).find(({ id }) => id === two.id);
  expect(kept?.probes.length).toBeGreaterThan(5);
  expect(kept?.probes.at(-1)?.at).toBeGreaterThan(lastProbes ?? Number.POSITIVE_INFINITY);
  await load.stop();
  expect(load.failures).toEqual([]);
  await tells(scene.gateway, /"backend":"127\.0\.0\.4:\d+","by":"dns","msg":"backend joined"/);
  await tells(scene.gateway, /"backend":"127\.0\.0\.2:\d+","by":"dns","msg":"backend left"/);
}, 90_000);

test("a server that fails, falls silent or dies: the last good answer holds, it is told, and a new answer is taken", async () => {
  const [one, two] = (await startBackends(["127.0.0.2", "127.0.0.3"])) as [PlainBackend, PlainBackend];
  dns.addresses(NAME, ["127.0.0.2"]);
  await start({ port: one.port, hold: "200ms" });
  await members(one.id);
  const load = scene.load();
  for (const mode of ["fails", "silent"] as const) {
    dns.mode = mode;
    await asked(6);
    await members(one.id);
  }
  await tells(scene.gateway, /"reason":"A api\.test: DNS server [\d.:]+: answered SERVFAIL".+kept/);
  await tells(scene.gateway, /"reason":"A api\.test: DNS server [\d.:]+: no answer in time".+kept/);
  const { text } = await ask(`${scene.gateway.admin}/metrics`);
  expect(text).toContain('headgate_discovery_ok{pool="default",source="dns"} 0');
  dns.addresses(NAME, ["127.0.0.3"]);
  dns.mode = "well";
  await members(two.id);
  await dns.close();
  await tells(scene.gateway, "connection refused", PATIENCE);
  await load.goesOn(RPS);
  await members(two.id);
  await load.stop();
  expect(load.failures).toEqual([]);
  dns = await DnsServer.start();
}, 90_000);

test("a name that is gone: its backends stay for `hold`, and then 503 is answered at once", async () => {
  const [one] = (await startBackends(["127.0.0.2"])) as [PlainBackend];
  dns.addresses(NAME, ["127.0.0.2"]);
  await start({ port: one.port, hold: "1500ms" });
  await members(one.id);
  dns.clear();
  const began = performance.now();
  await asked(4);
  await members(one.id);
  await members();
  expect(performance.now() - began).toBeGreaterThan(1400);
  expect((await scene.ask("/")).status).toBe(503);
  await tells(scene.gateway, /"reason":"A api\.test: no such name"/);
  dns.addresses(NAME, ["127.0.0.2"]);
  await members(one.id);
  expect((await scene.ask("/")).status).toBe(200);
}, 60_000);

test("the first requests of a gateway wait for the first answer", async () => {
  const [one] = (await startBackends(["127.0.0.2"])) as [PlainBackend];
  dns.addresses(NAME, ["127.0.0.2"]);
  dns.mode = "silent";
  await start({ port: one.port });
  const answers = Promise.all([scene.ask("/"), scene.ask("/")]);
  dns.mode = "well";
  expect((await answers).map(({ status }) => status)).toEqual([200, 200]);
}, 60_000);

test("SRV: targets' addresses with their ports, priorities as backups and weights as shares", async () => {
  const heavy = await startPlainBackend(hello, { host: "127.0.0.2" });
  const light = await startPlainBackend(hello, { host: "127.0.0.3" });
  const backup = await startPlainBackend(hello, { host: "127.0.0.4" });
  for (const backend of [heavy, light, backup]) scene.owns(() => backend.close());
  dns.addresses("a.test", ["127.0.0.2"]);
  dns.addresses("b.test", ["127.0.0.3"]);
  dns.addresses("c.test", ["127.0.0.4"]);
  const a = { target: "a.test", port: heavy.port, priority: 10, weight: 30 };
  const b = { target: "b.test", port: light.port, priority: 10, weight: 10 };
  const c = { target: "c.test", port: backup.port, priority: 20, weight: 10 };
  dns.services(SERVICE, [c, a, b]);
  await start({ name: SERVICE, type: "srv" });
  await members(heavy.id, light.id, backup.id);
  const load = scene.load();
  await load.goesOn(RPS);
  const [most, least] = [load.servedBy(heavy.id), load.servedBy(light.id)];
  expect(most / least).toBeGreaterThan(2);
  expect(most / least).toBeLessThan(4);
  expect(load.servedBy(backup.id)).toBe(0);
  dns.services(SERVICE, [c]);
  await members(backup.id);
  await eventually(() => load.servedBy(backup.id) > RPS / 2, "the backup serves", PATIENCE);
  await load.stop();
  expect(load.failures).toEqual([]);
}, 60_000);

test("an answer that does not fit is asked for by TCP, and a second server where the first is dead", async () => {
  const [one] = (await startBackends(["127.0.0.2"])) as [PlainBackend];
  const many = Array.from({ length: 200 }, (_, index) => `127.0.1.${index + 1}`);
  dns.addresses(NAME, ["127.0.0.2", ...many]);
  dns.truncates = true;
  const dead = `127.0.0.1:${await closedPort()}`;
  await scene.startPools({
    default: { health: false, ...discovery({ port: one.port, servers: [dead, dns.at], limit: 150, family: "ipv4" }) },
  });
  const count = async (): Promise<boolean> => (await readBackends(scene.gateway.admin)).length === 150;
  await eventually(count, "as many as the limit lets are members", PATIENCE);
  expect(dns.asked).toContain(`A ${NAME} tcp`);
  await tells(scene.gateway, "more than 150 backends: the rest is left out");
}, 60_000);

test("https backends are checked against the name that was asked for", async () => {
  const authority = makeCertificate({ name: "authority", authority: true });
  const folder = mkdtempSync(join(tmpdir(), "headgate-e2e-"));
  scene.owns(async () => rmSync(folder, { recursive: true }));
  const ca = join(folder, "ca.pem");
  writeFileSync(ca, authority.cert);
  const right = makeCertificate({ hosts: [NAME], issuer: authority });
  const wrong = makeCertificate({ hosts: ["evil.test"], issuer: authority });
  const [one] = (await startBackends(["127.0.0.2"], { tls: right })) as [PlainBackend];
  const two = await startPlainBackend(hello, { host: "127.0.0.3", port: one.port, tls: wrong });
  scene.owns(() => two.close());
  dns.addresses(NAME, ["127.0.0.2"]);
  await start({ port: one.port, scheme: "https" }, { tls: { ca } });
  dns.addresses(NAME, ["127.0.0.2", "127.0.0.3"]);
  await eventually(
    async () => {
      const states = (await readBackends(scene.gateway.admin)).map(({ id, state }) => `${id} ${state}`);
      return states.sort().join() === `${one.id} HEALTHY,${two.id} UNREACHABLE`;
    },
    "the right one is HEALTHY and the wrong one UNREACHABLE",
    PATIENCE,
  );
  const answers = await Promise.all(Array.from({ length: 6 }, () => scene.ask("/")));
  expect(answers.map(({ status, headers }) => [status, headers["x-backend-server"]])).toEqual(
    new Array(6).fill([200, one.id]),
  );
}, 60_000);
