import { type BackendView, readBackend, readBackends } from "./support/backends-api.ts";
import { type RunningGateway, startGateway, testConfig } from "./support/gateway.ts";
import { ask, askJson } from "./support/http-client.ts";
import { OpenLoad } from "./support/open-load.ts";
import { type Answering, type PlainBackend, startPlainBackend } from "./support/plain-backend.ts";
import { closedPort } from "./support/raw-backend.ts";
import { eventually } from "./support/raw-client.ts";

const hello: Answering = (_request, response) => void setTimeout(() => response.end("hello"), 10);

let first: PlainBackend;
let second: PlainBackend;
let gateway: RunningGateway;
beforeAll(async () => {
  [first, second] = await Promise.all([startPlainBackend(hello), startPlainBackend(hello)]);
  gateway = await startGateway({
    ...testConfig([first.port]),
    pools: { default: { backends: [`http://${first.id}`], health: { interval: 100 } } },
    auth: { apiKeys: [{ name: "someone", key: "a-secret-of-someone" }] },
  });
});
afterAll(async () => {
  await gateway.stop();
  await Promise.all([first.close(), second.close()]);
});

const api = (path: string): string => `${gateway.admin}${path}`;
const BACKENDS = "/api/pools/default/backends";

/** How many of the next requests, as many as `count`, each backend gets; those under way already are not counted. */
async function shares(load: OpenLoad, count: number): Promise<[first: number, second: number]> {
  const began = performance.now();
  const since = () => load.outcomes.filter(({ startedAt }) => startedAt > began);
  await eventually(() => since().length >= count, "they are answered", 20_000);
  const [one = 0, two = 0] = [first, second].map(({ id }) => since().filter(({ backend }) => backend === id).length);
  return [one, two];
}

test("backends join, drain, come back and leave under load, and no request is lost", async () => {
  const load = new OpenLoad({
    port: gateway.http,
    rps: 200,
    most: 400,
    make: (id) => ({ method: "GET", path: `/?id=${id}` }),
  });
  await load.goesOn(20);

  const added = await askJson(api(BACKENDS), "POST", { url: `http://${second.id}`, weight: 1 });
  expect(added).toMatchObject({ status: 201, json: { id: second.id, weight: 1, origin: "admin", pool: "default" } });
  await eventually(async () => (await readBackend(gateway.admin, second.id)).state === "HEALTHY", "it is healthy");
  const [one, two] = await shares(load, 40);
  expect(one).toBeGreaterThan(10);
  expect(two).toBeGreaterThan(10);

  const drained = await askJson(api(`${BACKENDS}/${first.id}/drain`), "POST");
  expect(drained).toMatchObject({ status: 200, json: { id: first.id, draining: true, state: "HEALTHY" } });
  await eventually(async () => (await readBackend(gateway.admin, first.id)).active === 0, "what runs there is over");
  expect((await shares(load, 40))[0]).toBe(0);

  const enabled = await askJson(api(`${BACKENDS}/enable`), "POST", { url: `http://${first.id}` });
  expect(enabled).toMatchObject({ status: 200, json: { id: first.id, draining: false } });
  expect((await shares(load, 40))[0]).toBeGreaterThan(5);

  expect((await askJson(api(`${BACKENDS}/${second.id}`), "DELETE")).status).toBe(204);
  expect((await readBackends(gateway.admin)).map(({ id }) => id)).toEqual([first.id]);
  expect((await shares(load, 40))[1]).toBe(0);

  await load.stop();
  expect(load.failures).toEqual([]);
});

test("a backend that joins is used only when a check has found it well", async () => {
  const dead = `127.0.0.1:${await closedPort()}`;
  await askJson(api(BACKENDS), "POST", { url: `http://${dead}` });
  await eventually(async () => (await readBackend(gateway.admin, dead)).state === "UNREACHABLE", "it is found out");
  const { state, failures, lastHealthyAt, probes } = await readBackend(gateway.admin, dead);
  expect({ state, lastHealthyAt }).toEqual({ state: "UNREACHABLE", lastHealthyAt: null });
  expect(failures).toBeGreaterThan(0);
  expect(probes[0]).toMatchObject({ ok: false, reason: "connection refused" });
  await askJson(api(BACKENDS), "DELETE", { id: dead });
  expect((await askJson(api(BACKENDS))).json).toHaveLength(1);
});

test("each backend is told with its state and its last twenty checks", async () => {
  const probes = async (): Promise<BackendView["probes"]> => (await readBackend(gateway.admin, first.id)).probes;
  await eventually(async () => (await probes()).length === 20, "twenty checks are kept", 10_000);
  const { json } = await askJson(api("/api/backends"));
  expect(json).toMatchObject([
    {
      id: first.id,
      url: `http://${first.id}`,
      pool: "default",
      state: "HEALTHY",
      draining: false,
      ejected: false,
      failures: 0,
      lastHealthyAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/),
      weight: 1,
      origin: "config",
    },
  ]);
  expect((await probes()).at(-1)).toMatchObject({ ok: true, status: 200, latency: expect.any(Number) });
});

describe("wrong input is answered in plain words", () => {
  const json = { "Content-Type": "application/json" };
  const refusals: [name: string, method: string, path: string, body: string, status: number, detail: RegExp][] = [
    ["malformed JSON", "POST", BACKENDS, '{"url": ', 400, /^The body is not JSON: .+/],
    ["no body", "POST", BACKENDS, "", 400, /A JSON body is needed, such as \{"url"/],
    ["an unknown field", "POST", BACKENDS, '{"ulr": "http://a"}', 400, /url: expected an http or https URL.+"ulr"/],
    ["a URL that is none", "POST", BACKENDS, '{"url": "a b"}', 400, /"a b" is no backend: expected one such as/],
    ["a URL with a path", "POST", BACKENDS, '{"url": "http://a/b"}', 400, /leave out the path/],
    ["a wrong weight", "POST", BACKENDS, '{"url": "http://a", "weight": 0}', 400, /weight: expected 1 or more/],
    ["an unknown pool", "GET", "/api/pools/defualt/backends", "", 404, /no pool "defualt"\. Did you mean default\?/],
    ["an unknown backend", "DELETE", `${BACKENDS}/127.0.0.1:1`, "", 404, /no backend "127\.0\.0\.1:1"/],
    ["a wrong method", "DELETE", "/api/backends", "", 405, /takes GET, HEAD/],
    ["an unknown path", "GET", "/api/backend", "", 404, /nothing at \/api\/backend/],
  ];

  test.each(refusals)("%s", async (_name, method, path, body, status, detail) => {
    const answer = await ask(api(path), { method, headers: json, ...(body === "" ? {} : { body }) });
    expect(answer.status).toBe(status);
    expect(answer.headers["content-type"]).toBe("application/problem+json");
    expect(JSON.parse(answer.text)).toMatchObject({
      status,
      code: expect.any(String),
      detail: expect.stringMatching(detail),
    });
  });

  test("a backend that the config file has cannot be added", async () => {
    const { status, json: problem } = await askJson(api(BACKENDS), "POST", { url: `http://${first.id}`, weight: 2 });
    expect(status).toBe(400);
    expect(problem).toMatchObject({ detail: expect.stringMatching(/already, by the config file/) });
  });

  test("a body that is not declared as JSON", async () => {
    const answer = await ask(api(BACKENDS), { method: "POST", body: "{}", headers: { "Content-Type": "text/plain" } });
    expect(answer.status).toBe(415);
  });

  test("a page of another site, and a name that was rebound to this address", async () => {
    const foreign = await ask(api("/api/cache"), { method: "DELETE", headers: { Origin: "https://evil.example" } });
    expect(foreign.status).toBe(403);
    expect((await ask(api("/api/backends"), { headers: { Host: "evil.example" } })).status).toBe(421);
  });
});

test("/livez, /readyz, /metrics and /api/config tell how the gateway is", async () => {
  expect(await askJson(api("/livez"))).toMatchObject({ status: 200, json: { alive: true } });
  expect(await askJson(api("/readyz"))).toMatchObject({ status: 200, json: { ready: true, reasons: [] } });
  const { headers, text } = await ask(api("/metrics"));
  expect(headers["content-type"]).toMatch(/^text\/plain; version=0\.0\.4/);
  for (const line of [
    `headgate_backend_state{pool="default",backend="${first.id}",state="HEALTHY"} 1`,
    "headgate_ready 1",
    "headgate_config_reload_ok 1",
    "# TYPE headgate_request_duration_seconds histogram",
  ]) {
    expect(text).toContain(line);
  }
  const config = await ask(api("/api/config"));
  expect(JSON.parse(config.text)).toMatchObject({ pools: { default: { retries: 2 } }, cache: { entries: 1000 } });
  expect(config.text).not.toContain("a-secret-of-someone");
});

test("a gateway without a usable backend is alive and not ready, and says why", async () => {
  const empty = await startGateway({ ...testConfig([]), pools: { default: { backends: [] } } });
  try {
    expect((await askJson(`${empty.admin}/livez`)).status).toBe(200);
    const { status, json } = await askJson(`${empty.admin}/readyz`);
    expect(status).toBe(503);
    expect(json).toMatchObject({ ready: false, reasons: ["The pool default has no usable backend."] });
    expect((await ask(`http://127.0.0.1:${empty.http}/`)).status).toBe(503);
    await askJson(`${empty.admin}${BACKENDS}`, "POST", { url: `http://${first.id}` });
    await eventually(async () => (await ask(`${empty.admin}/readyz`)).status === 200, "it is ready");
    expect((await ask(`http://127.0.0.1:${empty.http}/`)).text).toBe("hello");
  } finally {
    await empty.stop();
  }
});
