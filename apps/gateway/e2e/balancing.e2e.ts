import { readBackend, readBackends } from "./support/backends-api.ts";
import { type RunningGateway, startGateway, testConfig } from "./support/gateway.ts";
import { ask } from "./support/http-client.ts";
import { tells } from "./support/log.ts";
import { type Answering, type PlainBackend, startPlainBackend } from "./support/plain-backend.ts";
import { closedPort } from "./support/raw-backend.ts";
import { eventually } from "./support/raw-client.ts";
import { SampleBackend } from "./support/sample-backend.ts";

const hello: Answering = (_request, response) => void response.end("hello");

let stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.reverse()) await stop();
  stops = [];
});

async function startSamples(): Promise<SampleBackend[]> {
  const samples = await Promise.all([1, 2, 3, 4].map(() => SampleBackend.start()));
  stops.push(() => Promise.all(samples.map((sample) => sample.kill())));
  return samples;
}

async function startPlain(...options: Parameters<typeof startPlainBackend>): Promise<PlainBackend> {
  const backend = await startPlainBackend(...options);
  stops.push(() => backend.close());
  return backend;
}

async function startPool(ports: number[], pool: object = {}): Promise<RunningGateway> {
  const backends = ports.map((port) => `http://127.0.0.1:${port}`);
  const gateway = await startGateway({ ...testConfig([]), pools: { default: { backends, ...pool } } });
  stops.push(() => gateway.stop());
  return gateway;
}

/** So many requests at once, each with a query of its own; how many each backend answered. */
async function spread({ http }: RunningGateway, count: number): Promise<Record<string, number>> {
  const asked = Array.from({ length: count }, (_, index) => ask(`http://127.0.0.1:${http}/test?x=${index}`));
  const answers = await Promise.all(asked);
  const counts: Record<string, number> = {};
  for (const { status, headers } of answers) {
    const by = status === 200 ? String(headers["x-backend-server"]) : `status ${status}`;
    counts[by] = (counts[by] ?? 0) + 1;
  }
  return counts;
}

const twoEach = (backends: readonly { readonly id: string }[]): Record<string, number> =>
  Object.fromEntries(backends.map(({ id }) => [id, 2]));

test("eight requests right after the start come from four backends, two each", async () => {
  const backends = await startSamples();
  const gateway = await startPool(backends.map(({ port }) => port));
  expect(await spread(gateway, 8)).toEqual(twoEach(backends));
  expect(await spread(gateway, 8)).toEqual(twoEach(backends));
});

test("in a large pool each backend answers eight requests in a row, and one that dies within its turn loses none", async () => {
  const backends = await Promise.all(Array.from({ length: 70 }, () => startPlain(hello)));
  const gateway = await startPool(backends.map(({ port }) => port));
  const by = async (count: number): Promise<string[]> => {
    const answers: string[] = [];
    for (let asked = 0; asked < count; asked += 1) {
      const { status, headers } = await ask(`http://127.0.0.1:${gateway.http}/`, {
        headers: { "cache-control": "no-store" },
      });
      answers.push(status === 200 ? String(headers["x-backend-server"]) : `status ${status}`);
    }
    return answers;
  };
  /** So many turns, from that of one on. */
  const inTurn = (from: number, turns: number): string[] =>
    Array.from({ length: turns * 8 }, (_, asked) => backends[(from + (asked >> 3)) % 70]?.id ?? "none");
  // The first turn is drawn.
  const [first = ""] = await by(1);
  const at = backends.findIndex(({ id }) => id === first);
  expect(await by(23)).toEqual(inTurn(at, 3).slice(1));
  expect(await by(2)).toEqual(inTurn(at + 3, 1).slice(0, 2));
  await backends[(at + 3) % 70]?.close();
  expect(await by(16)).toEqual(inTurn(at + 4, 2));
});

test("requests before the first health checks are in wait for them, and are spread evenly", async () => {
  const slow: Answering = (_request, response) => void setTimeout(() => response.end("ok"), 300);
  const backends = await Promise.all([{}, {}, {}, { health: slow }].map((options) => startPlain(hello, options)));
  const gateway = await startPool(backends.map(({ port }) => port));
  expect(await spread(gateway, 8)).toEqual(twoEach(backends));
});

test("a backend whose first check hangs delays the first requests for a moment, and gets none", async () => {
  const silent: Answering = () => new Promise(() => undefined);
  const backends = await Promise.all([{}, {}, {}, { health: silent }].map((options) => startPlain(hello, options)));
  const gateway = await startPool(
    backends.map(({ port }) => port),
    { health: { timeout: "1m" } },
  );
  const began = performance.now();
  const counts = await spread(gateway, 6);
  expect(performance.now() - began).toBeLessThan(10_000);
  expect(counts).toEqual(twoEach(backends.slice(0, 3)));
});

test("requests before the first health checks get 503 where these find no backend", async () => {
  const gateway = await startPool([await closedPort(), await closedPort()]);
  expect(await spread(gateway, 3)).toEqual({ "status 503": 3 });
});

test("weights share the requests out over every cycle", async () => {
  const [light, heavy] = await Promise.all([startPlain(hello), startPlain(hello)]);
  const backends = [`http://${light.id}`, { url: `http://${heavy.id}`, weight: 3 }];
  const gateway = await startGateway({ ...testConfig([]), pools: { default: { backends } } });
  stops.push(() => gateway.stop());
  expect(await spread(gateway, 8)).toEqual({ [light.id]: 2, [heavy.id]: 6 });
});

test("a refused connection puts a backend aside at once; its state follows the thresholds", async () => {
  const backends = await startSamples();
  const [gone, ...others] = backends as [SampleBackend, ...SampleBackend[]];
  const gateway = await startPool(backends.map(({ port }) => port));
  const { admin } = gateway;
  expect(await spread(gateway, 4)).toEqual(Object.fromEntries(backends.map(({ id }) => [id, 1])));

  await gone.kill();
  expect(await spread(gateway, 12)).toEqual(Object.fromEntries(others.map(({ id }) => [id, 4])));
  expect((await readBackend(admin, gone.id)).ejected).toBe(true);

  await eventually(async () => (await readBackend(admin, gone.id)).state !== "HEALTHY", "its state changes", 20_000);
  const down = await readBackend(admin, gone.id);
  expect(down).toMatchObject({ state: "UNREACHABLE", ejected: true });
  expect(down.failures).toBeGreaterThanOrEqual(3);
  expect(down.probes.slice(-3)).toMatchObject([1, 2, 3].map(() => ({ ok: false, reason: "connection refused" })));
  expect(down.lastHealthyAt).toMatch(/^\d{4}-\d\d-\d\dT/);
  // Put aside before its state said so.
  await tells(gateway, '"to":"UNREACHABLE"');
  expect(gateway.log().split('"to":"UNREACHABLE"')[0]).toContain(`"msg":"backend ejected`);

  await gone.start();
  await eventually(async () => (await readBackend(admin, gone.id)).state === "HEALTHY", "it is back", 20_000);
  expect(await readBackend(admin, gone.id)).toMatchObject({ state: "HEALTHY", ejected: false, failures: 0 });
  expect(await spread(gateway, 8)).toEqual(twoEach(backends));
});

test("a check that fails less often than the threshold changes nothing", async () => {
  let failing = 0;
  const flaky: Answering = (_request, response) => {
    if (failing > 0) response.statusCode = 503;
    failing = Math.max(0, failing - 1);
    response.end();
  };
  const backends = await Promise.all([startPlain(hello), startPlain(hello, { health: flaky })]);
  const [, shaky] = backends as [PlainBackend, PlainBackend];
  const gateway = await startPool(
    backends.map(({ port }) => port),
    { health: { interval: 50 } },
  );
  const { admin } = gateway;
  const checks = async () => (await readBackend(admin, shaky.id)).probes;
  await eventually(async () => (await checks()).length > 0, "it is checked");
  failing = 2;
  const seen = ["status 503", "status 503", undefined];
  await eventually(async () => {
    const reasons = (await checks()).slice(-3).map(({ reason }) => reason);
    return reasons.every((reason, index) => reason === seen[index]);
  }, "two checks failed and one was good");
  expect(await readBackends(admin)).toMatchObject(backends.map(() => ({ state: "HEALTHY", ejected: false })));
  expect(gateway.log()).not.toMatch(/UNREACHABLE/);

  failing = Number.POSITIVE_INFINITY;
  await eventually(async () => (await readBackend(admin, shaky.id)).state === "UNREACHABLE", "three have failed");
  const [well] = backends as [PlainBackend, PlainBackend];
  expect(await spread(gateway, 4)).toEqual({ [well.id]: 4 });
});
