import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { connect as connectHttp2 } from "node:http2";
import { type AddressInfo, createServer } from "node:net";
import { connect as connectTls } from "node:tls";
import type { ConfigInput } from "../src/config/schema.ts";
import { readBackend } from "./support/backends-api.ts";
import { headgate, inFolder } from "./support/command.ts";
import { type RunningGateway, startGateway, testConfig } from "./support/gateway.ts";
import { type Answer, type AskOptions, ask, askJson } from "./support/http-client.ts";
import { tells } from "./support/log.ts";
import { PacedClient } from "./support/paced-client.ts";
import { type PlainBackend, startPlainBackend } from "./support/plain-backend.ts";
import { eventually } from "./support/raw-client.ts";
import { troubles } from "./support/stage.ts";
import { allRun, isAlive, metric, readWorkers, servedBy } from "./support/workers.ts";

let backend: PlainBackend;
let gateway: RunningGateway;
let version = 1;
/** Lets the answers to `/slow` go. */
let release: () => void;
/** When `/health` was asked, ms. */
let probed: number[] = [];

beforeEach(async () => {
  probed = [];
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  backend = await startPlainBackend(
    async ({ url, method }, response) => {
      if (url.startsWith("/slow")) await released;
      if (method === "PUT") version++;
      response.setHeader("Cache-Control", url.startsWith("/kept") ? "max-age=600" : "no-store");
      response.end(`version ${version}`);
    },
    {
      health: (_request, response) => {
        probed.push(performance.now());
        response.end("ok");
      },
    },
  );
});
afterEach(async () => {
  release();
  gateway?.process.kill("SIGKILL");
  await gateway?.stop();
  await backend.close();
});

const config = (more: ConfigInput = {}): ConfigInput =>
  testConfig([backend.port], { workers: 2, shutdown: { grace: 5000 }, ...more });

const start = async (more: ConfigInput = {}): Promise<void> => {
  gateway = await startGateway(config(more));
};

/** Over a connection of its own, so that the workers take turns. */
const get = (path: string, options: AskOptions = {}): Promise<Answer> =>
  ask(`http://127.0.0.1:${gateway.http}${path}`, options);

/** Asks for a path until each of two workers has stored it. */
async function fillBoth(path: string): Promise<void> {
  const before = backend.seen(path).length;
  const stored = async (): Promise<boolean> => {
    expect((await get(path)).status).toBe(200);
    return backend.seen(path).length === before + 2;
  };
  await eventually(stored, "both workers have asked the backend");
}

/** What eight requests one after the other get: as many from each worker. */
async function bodies(path: string): Promise<string[]> {
  const got: string[] = [];
  for (let request = 0; request < 8; request++) got.push((await get(path)).text);
  return got;
}

test("both workers serve, and the admin API tells of them as of one gateway", async () => {
  await start();
  for (let request = 0; request < 20; request++) expect((await get(`/${request}`)).status).toBe(200);
  await eventually(
    async () => (await metric(gateway, "headgate_requests_total")) === 20,
    "all requests are in the metrics",
  );
  const workers = await readWorkers(gateway);
  expect(workers).toHaveLength(2);
  expect(new Set([gateway.pid, ...workers.map(({ pid }) => pid)]).size).toBe(3);
  const [first = 0, second = 0] = workers.map(({ requests }) => requests);
  expect(first + second).toBe(20);
  expect(Math.min(first, second)).toBeGreaterThan(2);
  expect(await metric(gateway, "headgate_workers")).toBe(2);
  expect(await metric(gateway, "headgate_attempts_total", backend.id, 'outcome="ok"')).toBe(20);
  expect(await metric(gateway, "headgate_request_duration_seconds_count", 'source="upstream"')).toBe(20);
  const live = await askJson(`${gateway.admin}/api/live`);
  expect(live.json).toMatchObject({ requests: 20, errors: 0 });
  await eventually(() => servedBy(gateway).size === 20, "each exchange has its line");
  expect(troubles(gateway)).toEqual([]);
});

test("health checks are made once, not by each worker", async () => {
  const interval = 200;
  await start({ pools: { default: { backends: [`http://${backend.id}`], health: { interval } } } });
  await allRun(gateway);
  const from = probed.length;
  await eventually(() => probed.length >= from + 11, "ten intervals are over", 20_000);
  // One prober leaves an interval of 200 ms ± 10 %; two would leave half of it.
  const took = (probed[from + 10] ?? 0) - (probed[from] ?? 0);
  expect(took).toBeGreaterThan(10 * interval * 0.85);
  expect(await readBackend(gateway.admin, backend.id)).toMatchObject({ state: "HEALTHY" });
});

test("a purge reaches the caches of all workers, and counts what it met in each", async () => {
  await start({ routes: [{ path: "/", auth: "none", cache: { purge: { from: ["127.0.0.1"] } } }] });
  await fillBoth("/kept");
  const { json } = await askJson(`${gateway.admin}/api/cache`, "DELETE");
  expect(json).toEqual({ purged: 2, mode: "hard" });
  expect((await askJson(`${gateway.admin}/api/cache`)).json).toMatchObject({ entries: 0 });

  await fillBoth("/kept");
  const byUrl = { url: `http://127.0.0.1:${gateway.http}/kept` };
  expect((await askJson(`${gateway.admin}/api/cache/purge`, "POST", byUrl)).json).toMatchObject({ purged: 2 });

  await fillBoth("/kept");
  const purge = await get("/kept", { method: "PURGE" });
  expect(JSON.parse(purge.text)).toEqual({ purged: 2, mode: "hard" });

  await fillBoth("/kept");
  const before = new Set(await bodies("/kept"));
  expect(before.size).toBe(1);
  expect((await get("/kept", { method: "PUT", body: "new" })).status).toBe(200);
  // From the answer on, no worker has the old one any more.
  expect(new Set(await bodies("/kept"))).toEqual(new Set([`version ${version}`]));
  expect(before).not.toContain(`version ${version}`);
  const wrong = await askJson(`${gateway.admin}/api/cache/purge`, "POST", { prefix: "nonsense" });
  expect(wrong.status).toBe(400);
});

test("a backend that one worker finds refusing is put aside in all of them", async () => {
  const other = await startPlainBackend((_request, response) => void response.end("other"));
  const urls = [backend, other].map(({ id }) => `http://${id}`);
  // The checks come too seldom to find it.
  await start({ pools: { default: { backends: urls, health: { interval: 600_000 } } } });
  await other.close();
  let asked = 0;
  const askOnce = async (): Promise<void> => {
    asked++;
    expect((await get("/")).status).toBe(200);
  };
  const allCounted = (): Promise<void> =>
    eventually(async () => (await metric(gateway, "headgate_requests_total")) === asked, "all requests are counted");
  const ejected = async (): Promise<boolean> => {
    await askOnce();
    return (await readBackend(gateway.admin, other.id)).ejected;
  };
  await eventually(ejected, "the backend is put aside");
  await allCounted();
  const refused = (): Promise<number> => metric(gateway, "headgate_attempts_total", other.id, 'outcome="refused"');
  const before = await refused();
  // Each worker may have met it once, before the one could tell the other.
  expect(before).toBeGreaterThan(0);
  expect(before).toBeLessThanOrEqual(2);
  for (let request = 0; request < 20; request++) await askOnce();
  await allCounted();
  expect(await refused()).toBe(before);
});

test("kill -9 of a worker under load: only its own connections feel it, and another takes its place", async () => {
  await start();
  const [victim, other] = await allRun(gateway);
  const clients = Array.from({ length: 12 }, () => new PacedClient(gateway.http, 40));
  const asked = (): number => Math.min(...clients.map(({ answers }) => answers.length));
  await eventually(() => asked() >= 25, "all clients are served", 20_000);
  const workerOf = (client: PacedClient): number | undefined => servedBy(gateway).get(client.answers[0]?.id ?? "");
  await eventually(() => clients.every((client) => workerOf(client) !== undefined), "the log tells who serves whom");
  const byWorker = Map.groupBy(clients, workerOf);
  expect([...byWorker.keys()].sort()).toEqual([1, 2]);

  process.kill(victim?.pid ?? 0, "SIGKILL");
  await eventually(async () => (await readWorkers(gateway))[0]?.pid !== victim?.pid, "the worker is gone");
  const [replacement, kept] = await allRun(gateway);
  const goal = asked() + 50;
  await eventually(() => asked() >= goal, "all clients are served again", 20_000);
  await Promise.all(clients.map((client) => client.stop()));

  const failures = (client: PacedClient): unknown[] => client.answers.filter(({ status }) => status !== 200);
  expect(byWorker.get(2)?.flatMap(failures)).toEqual([]);
  // What was under way on a killed connection, and what the client had ready for it.
  for (const client of byWorker.get(1) ?? []) expect(failures(client).length).toBeLessThanOrEqual(2);
  expect(replacement).toMatchObject({ worker: 1, restarts: 1 });
  expect(kept).toMatchObject({ worker: 2, restarts: 0, pid: other?.pid });
  await eventually(() => troubles(gateway).length > 0, "the end of a worker is told");
  expect(troubles(gateway)).toEqual([expect.stringContaining("a worker ended: another takes its place at once")]);
});

test("a reload holds in all workers; one that is refused in none", async () => {
  await start();
  const other = await startPlainBackend((_request, response) => void response.end("other"));
  const save = (more: ConfigInput): void => writeFileSync(gateway.configFile, JSON.stringify(config(more)));
  save({ pools: { default: { backends: [`http://${other.id}`], health: false } } });
  await tells(gateway, "config reloaded");
  expect(new Set(await bodies("/"))).toEqual(new Set(["other"]));

  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  const { port } = taken.address() as AddressInfo;
  save({ listeners: [{ port, host: "127.0.0.1" }] });
  const refusal = `config refused, the one before still runs: Port ${port} is in use by another program (127.0.0.1).`;
  await tells(gateway, refusal);
  expect(new Set(await bodies("/"))).toEqual(new Set(["other"]));

  const [victim] = await allRun(gateway);
  process.kill(victim?.pid ?? 0, "SIGKILL");
  await eventually(async () => (await readWorkers(gateway))[0]?.pid !== victim?.pid, "the worker is gone");
  await allRun(gateway);
  // The replacement begins with the config that runs.
  expect(new Set(await bodies("/"))).toEqual(new Set(["other"]));
  taken.close();
  await other.close();
});

test("what the admin API changes holds in all workers", async () => {
  await start();
  const other = await startPlainBackend((_request, response) => void response.end("other"));
  const backends = `${gateway.admin}/api/pools/default/backends`;
  expect((await askJson(backends, "POST", { url: `http://${other.id}` })).status).toBe(201);
  await askJson(`${backends}/${backend.id}/drain`, "POST");
  const drained = async (): Promise<boolean> => (await bodies("/")).every((body) => body === "other");
  await eventually(drained, "nothing goes to the drained backend");
  await askJson(`${backends}/${backend.id}/enable`, "POST");
  await askJson(`${backends}/${other.id}`, "DELETE");
  const back = async (): Promise<boolean> => (await bodies("/")).every((body) => body.startsWith("version"));
  await eventually(back, "all goes to the first backend");
  await other.close();
});

test("SIGTERM: what runs in each worker finishes, exit 0, and no process is left", async () => {
  await start();
  const workers = await allRun(gateway);
  const slow = ["a", "b", "c", "d"].map((name) => get(`/slow?${name}`));
  await eventually(() => backend.requests.length === 4, "exchanges run");
  const told = (): Promise<number> => metric(gateway, "headgate_exchanges_active");
  await eventually(async () => (await told()) === 4, "the workers tell of them");
  gateway.process.kill("SIGTERM");
  await tells(gateway, "stopping: ");
  release();
  expect((await Promise.all(slow)).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  if (gateway.process.exitCode === null) await once(gateway.process, "exit");
  expect(gateway.process.exitCode).toBe(0);
  expect(workers.filter(({ pid }) => isAlive(pid))).toEqual([]);
  expect(troubles(gateway)).toEqual([]);
});

test("workers whose primary is gone end by themselves", async () => {
  await start();
  const workers = await allRun(gateway);
  gateway.process.kill("SIGKILL");
  await eventually(() => workers.every(({ pid }) => !isAlive(pid)), "no worker is left");
});

test("a port in use: one clear line, exit 1", async () => {
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  const { port } = taken.address() as AddressInfo;
  const file = `listeners: [{ port: ${port}, host: 127.0.0.1 }]\nadmin: { port: 0 }`;
  await inFolder({ "headgate.config.yaml": file }, async (folder) => {
    const { code, stderr } = await headgate(["start", "--workers", "2"], { cwd: folder });
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `headgate: Port ${port} is in use by another program (127.0.0.1). Stop that one, or set listeners[0].port to another port.\n`,
    });
  });
  taken.close();
});

test("TLS sessions resume at any worker, and HTTP/2 is spoken by each", async () => {
  await start({ listeners: [{ port: 0, host: "127.0.0.1", tls: "self-signed" }] });
  const resumed: boolean[] = [];
  let session: Buffer | undefined;
  for (let connection = 0; connection < 7; connection++) {
    const kept = session === undefined ? {} : { session };
    const socket = connectTls({ port: gateway.https, rejectUnauthorized: false, maxVersion: "TLSv1.2", ...kept });
    await once(socket, "secureConnect");
    if (session === undefined) session = socket.getSession();
    else resumed.push(socket.isSessionReused());
    socket.destroy();
  }
  expect(resumed).toEqual(Array.from({ length: 6 }, () => true));

  for (let connection = 0; connection < 4; connection++) {
    const client = connectHttp2(`https://127.0.0.1:${gateway.https}`, { rejectUnauthorized: false });
    const stream = client.request({ ":path": `/${connection}` });
    const [headers] = await once(stream, "response");
    expect(headers[":status"]).toBe(200);
    stream.resume();
    await once(stream, "close");
    client.close();
  }
  await eventually(() => servedBy(gateway).size === 4, "each exchange has its line");
  expect([...new Set(servedBy(gateway).values())].sort()).toEqual([1, 2]);
});

test("headgate explain is answered by one of the workers", async () => {
  await start();
  const question = { method: "GET", url: `http://127.0.0.1:${gateway.http}/kept` };
  const { status, json } = await askJson(`${gateway.admin}/api/explain`, "POST", question);
  expect(status).toBe(200);
  expect(JSON.stringify(json)).toContain(backend.id);
  const wrong = await askJson(`${gateway.admin}/api/explain`, "POST", { ...question, url: "nonsense" });
  expect(wrong.status).toBe(400);
});
