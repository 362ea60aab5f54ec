import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readBackend, readBackends } from "./support/backends-api.ts";
import { type RunningGateway, startGateway, testConfig } from "./support/gateway.ts";
import { ask } from "./support/http-client.ts";
import { LedgerBackend, readLedger } from "./support/ledger-backend.ts";
import { OpenLoad } from "./support/open-load.ts";
import { eventually } from "./support/raw-client.ts";
import { SampleBackend } from "./support/sample-backend.ts";

const RPS = 300;
/** Of the health checks, by default; a backend that is up again serves within two of them, ms. */
const INTERVAL = 1000;
/** From a backend's end to when this process, and the gateway, hear of it on a busy machine, ms. */
const SLACK = 250;

type Started = SampleBackend | LedgerBackend;

let backends: Started[] = [];
let gateway: RunningGateway | null = null;
let load: OpenLoad | null = null;

/** A gateway with the default checks in front of backends that run. */
async function startBefore(started: Started[], pool: object = {}): Promise<RunningGateway> {
  backends = started;
  const urls = started.map(({ port }) => `http://127.0.0.1:${port}`);
  gateway = await startGateway({ ...testConfig([]), pools: { default: { backends: urls, ...pool } } });
  const { admin } = gateway;
  const healthy = async () => (await readBackends(admin)).every(({ state }) => state === "HEALTHY");
  await eventually(healthy, "all backends are HEALTHY");
  return gateway;
}

const startSamples = (): Promise<SampleBackend[]> => Promise.all([1, 2, 3, 4].map(() => SampleBackend.start()));

/** What has to happen in the end, however busy the machine, ms. */
const PATIENCE = 20_000;

/**
 * Starts a backend that was killed at `killed`: it gets requests again, since a check found it well within two intervals.
 * That is read off the gateway's own record: on a busy machine much else is late.
 */
async function comesBack(running: OpenLoad, backend: Started, killed: number): Promise<void> {
  const { id } = backend;
  const before = running.servedBy(id);
  await backend.start();
  const up = Date.now();
  await eventually(() => running.servedBy(id) > before, `${id} serves again`, PATIENCE);
  const { probes } = await readBackend(gateway?.admin ?? "", id);
  const good = probes.find(({ ok, at }) => ok && at > killed);
  expect((good?.at ?? Number.NaN) - up).toBeLessThan(2 * INTERVAL);
}

afterEach(async () => {
  await load?.stop();
  await gateway?.stop();
  await Promise.all(backends.map((backend) => backend.kill()));
  load = null;
  gateway = null;
});

test("each of four backends is killed under 300 requests a second and comes back: no request is lost", async () => {
  const { http } = await startBefore(await startSamples());
  load = new OpenLoad({
    port: http,
    rps: RPS,
    make: (id) => ({ method: "GET", path: `/test?cache=no-store&id=${id}` }),
  });
  await load.goesOn(RPS / 2);
  for (const backend of backends) {
    await backend.kill();
    const killed = Date.now();
    await load.goesOn(RPS);
    await comesBack(load, backend, killed);
  }
  const rate = await load.stop();
  expect(load.failures).toEqual([]);
  expect(load.outcomes).toHaveLength(load.sent);
  expect(Math.abs(rate / RPS - 1)).toBeLessThan(0.01);
});

test("of POSTs only those in flight on a killed backend fail, each with 502, and none runs twice", async () => {
  const folder = mkdtempSync(join(tmpdir(), "headgate-ledger-"));
  const ledger = join(folder, "ledger");
  writeFileSync(ledger, "");
  const { http } = await startBefore(await Promise.all([1, 2, 3, 4].map(() => LedgerBackend.start(ledger))));
  const headers = { "Content-Type": "text/plain" };
  load = new OpenLoad({ port: http, rps: RPS, make: (id) => ({ method: "POST", path: "/run", headers, body: id }) });
  await load.goesOn(RPS / 2);
  const deaths = new Map<string, number>();
  for (const backend of backends.slice(1, 3)) {
    await backend.kill();
    const killed = Date.now();
    deaths.set(backend.id, performance.now());
    await load.goesOn(RPS / 2);
    await comesBack(load, backend, killed);
  }
  await load.stop();
  const runs = readLedger(ledger);
  rmSync(folder, { recursive: true });

  expect([...runs].filter(([, by]) => by.length > 1)).toEqual([]);
  const successes = load.outcomes.filter(({ status }) => status === 200);
  expect(successes.filter(({ id, backend }) => runs.get(id)?.[0] !== backend)).toEqual([]);
  for (const { id, status, problem, startedAt, endedAt } of load.failures) {
    expect({ id, status, code: JSON.parse(problem).code }).toEqual({ id, status: 502, code: "upstream-reset" });
    const victim = [...deaths].find(([backend]) => problem.includes(backend));
    expect(victim).toBeDefined();
    // It ran on the backend that was killed, or nowhere; and it was under way when that died.
    expect([undefined, victim?.[0]]).toContain(runs.get(id)?.[0]);
    expect(startedAt).toBeLessThan((victim?.[1] ?? 0) + SLACK);
    expect(endedAt).toBeGreaterThan((victim?.[1] ?? 0) - SLACK);
  }
});

test("with all backends down every request gets 503 with Retry-After within a second, until one is back", async () => {
  const { http, admin } = await startBefore(await startSamples());
  const url = `http://127.0.0.1:${http}/test?cache=no-store`;
  expect((await ask(url)).status).toBe(200);
  await Promise.all(backends.map((backend) => backend.kill()));
  for (let request = 0; request < 12; request++) {
    const began = performance.now();
    const { status, headers, text } = await ask(url, { method: request % 3 === 2 ? "POST" : "GET" });
    expect(performance.now() - began).toBeLessThan(1000);
    expect({ status, code: JSON.parse(text).code }).toEqual({ status: 503, code: "no-healthy-backend" });
    expect(Number(headers["retry-after"])).toBeGreaterThanOrEqual(1);
  }
  const [first] = backends as [Started];
  await eventually(
    async () => (await readBackend(admin, first.id)).state === "UNREACHABLE",
    "it is UNREACHABLE",
    PATIENCE,
  );
  expect((await ask(url)).status).toBe(503);
  expect((await ask(`${admin}/readyz`)).status).toBe(503);
  await first.start();
  const up = Date.now();
  await eventually(async () => (await ask(url)).status === 200, "requests are answered again", PATIENCE);
  const good = (await readBackend(admin, first.id)).probes.findLast(({ ok }) => ok);
  expect((good?.at ?? Number.NaN) - up).toBeLessThan(2 * INTERVAL);
  expect((await ask(url)).headers["x-backend-server"]).toBe(first.id);
});

test("a backend that accepts and never answers costs idempotent requests a time-out, and no failure", async () => {
  const { http, admin } = await startBefore(await startSamples(), {
    timeouts: { head: 300 },
    health: { interval: 300, timeout: 300 },
  });
  const [stopped] = backends as [Started];
  load = new OpenLoad({
    port: http,
    rps: 100,
    make: (id) => ({ method: "GET", path: `/test?cache=no-store&id=${id}` }),
  });
  await load.goesOn(20);
  stopped.signal("SIGSTOP");
  await eventually(
    async () => (await readBackend(admin, stopped.id)).state === "UNREACHABLE",
    "it is found out",
    PATIENCE,
  );
  await load.goesOn(50);
  stopped.signal("SIGCONT");
  const before = load.servedBy(stopped.id);
  await eventually(() => (load?.servedBy(stopped.id) ?? 0) > before, "it serves again", PATIENCE);
  await load.stop();
  expect(load.failures).toEqual([]);
  const waited = load.outcomes.filter(({ startedAt, endedAt }) => endedAt - startedAt >= 300);
  expect(waited.length).toBeGreaterThan(0);
});

test("a POST to a backend that never answers gets 504 and is not sent elsewhere", async () => {
  const { http } = await startBefore(await startSamples(), { timeouts: { head: 300 } });
  for (const backend of backends) backend.signal("SIGSTOP");
  const { status, headers, text } = await ask(`http://127.0.0.1:${http}/test`, { method: "POST", body: "once" });
  expect({ status, code: JSON.parse(text).code }).toEqual({ status: 504, code: "upstream-timeout" });
  expect(headers["proxy-status"]).toMatch(/error=http_response_timeout/);
  for (const backend of backends) backend.signal("SIGCONT");
  const ran = async (): Promise<number> => {
    const stats = await Promise.all(backends.map(({ port }) => ask(`http://127.0.0.1:${port}/_admin/stats`)));
    return stats.reduce((sum, { text: told }) => sum + (JSON.parse(told).byMethod.POST ?? 0), 0);
  };
  // Once at most: the one backend may never see it, since its connection was closed meanwhile.
  expect(await ran()).toBeLessThanOrEqual(1);
});
