import { renameSync, rmSync, writeFileSync } from "node:fs";
import type { ConfigInput } from "../src/config/schema.ts";
import { type BackendView, readBackends } from "./support/backends-api.ts";
import { type RunningGateway, startGateway, testConfig } from "./support/gateway.ts";
import { type Answer, ask, askJson } from "./support/http-client.ts";
import { tells } from "./support/log.ts";
import { OpenLoad } from "./support/open-load.ts";
import { type Answering, type PlainBackend, startPlainBackend } from "./support/plain-backend.ts";
import { eventually, RawClient } from "./support/raw-client.ts";

const hello: Answering = (_request, response) => void setTimeout(() => response.end("hello"), 10);

let backends: [PlainBackend, PlainBackend, PlainBackend];
let gateway: RunningGateway;
let load: OpenLoad;

/** The config as it is before each test. */
function config(more: ConfigInput = {}, members: readonly PlainBackend[] = backends.slice(0, 2)): ConfigInput {
  const urls = members.map(({ id }) => `http://${id}`);
  const log = { access: false };
  return {
    ...testConfig([]),
    log,
    cache: {},
    pools: { default: { backends: urls, health: { interval: 300 } } },
    ...more,
  };
}

beforeAll(async () => {
  backends = [await startPlainBackend(hello), await startPlainBackend(hello), await startPlainBackend(hello)];
});
afterAll(() => Promise.all(backends.map((backend) => backend.close())));

beforeEach(async () => {
  gateway = await startGateway(config());
  load = new OpenLoad({ port: gateway.http, rps: 100, make: (id) => ({ method: "GET", path: `/load?id=${id}` }) });
  await load.goesOn(20);
});
afterEach(async () => {
  await load.stop();
  await gateway.stop();
  expect(load.failures).toEqual([]);
});

const counted = (words: string): number => gateway.log().split(words).length - 1;

/** Saves the file as an editor does, a new one renamed over the old, and waits until the gateway has said `words` of it. */
async function save(text: string, words = "config reloaded"): Promise<void> {
  const before = counted(words);
  writeFileSync(`${gateway.configFile}.new`, text);
  renameSync(`${gateway.configFile}.new`, gateway.configFile);
  await eventually(() => counted(words) > before, `the gateway says "${words}"`);
}

const edit = (input: ConfigInput): Promise<void> => save(JSON.stringify(input));

const get = (path: string, headers: Record<string, string> = {}): Promise<Answer> =>
  ask(`http://127.0.0.1:${gateway.http}${path}`, { headers });

test("a backend joins and another leaves; those that stay keep their health", async () => {
  const [leaves, stays, joins] = backends;
  const seen: BackendView[] = [];
  let watching = true;
  const watch = (async () => {
    while (watching) seen.push(...(await readBackends(gateway.admin)).filter(({ id }) => id === stays.id));
  })();
  const known = async (): Promise<number> =>
    (await readBackends(gateway.admin)).find(({ id }) => id === stays.id)?.probes.length ?? 0;
  await eventually(async () => (await known()) >= 2, "it has been checked twice");

  await edit(config({}, [stays, joins]));
  await eventually(() => load.servedBy(joins.id) > 5, "the new one serves");
  await eventually(async () => (await known()) >= 3, "checks go on");
  watching = false;
  await watch;
  expect(seen.filter(({ state }) => state !== "HEALTHY")).toEqual([]);
  const counts = seen.map(({ probes }) => probes.length);
  expect(counts).toEqual(counts.toSorted((a, b) => a - b));

  expect((await readBackends(gateway.admin)).map(({ id }) => id)).toEqual([stays.id, joins.id]);
  await load.goesOn(10);
  const before = load.servedBy(leaves.id);
  await load.goesOn(20);
  expect(load.servedBy(leaves.id)).toBe(before);
});

test("a lifetime, a route and keys take effect at once", async () => {
  expect((await get("/first")).headers["cache-status"]).toMatch(/ttl=(300|299)/);
  await edit(config({ cache: { ttl: "40s" } }));
  expect((await get("/second")).headers["cache-status"]).toMatch(/ttl=(40|39)/);
  expect((await get("/first")).headers["x-cache"]).toBe("HIT");

  const routes: ConfigInput["routes"] = [{ path: "/locked" }, { path: "/", auth: "none" }];
  const keys = (...names: string[]): ConfigInput => ({
    auth: { apiKeys: names.map((name) => ({ name, key: `key-of-${name}` })) },
    routes,
  });
  await edit(config(keys("ann")));
  const asAnn = (): Promise<Answer> => get("/locked", { "X-API-Key": "key-of-ann" });
  const asBen = (): Promise<Answer> => get("/locked", { "X-API-Key": "key-of-ben" });
  expect([(await get("/locked")).status, (await asAnn()).status, (await asBen()).status]).toEqual([401, 200, 401]);
  await edit(config(keys("ann", "ben")));
  expect([(await asAnn()).status, (await asBen()).status]).toEqual([200, 200]);
  await edit(config(keys("ben")));
  expect([(await asAnn()).status, (await asBen()).status]).toEqual([401, 200]);
});

test("a key that is taken out is refused on connections that have used it", async () => {
  const keys = (...names: string[]): ConfigInput => ({
    auth: { apiKeys: names.map((name) => ({ name, key: `key-of-${name}` })) },
    routes: [{ path: "/locked" }, { path: "/", auth: "none" }],
  });
  await edit(config(keys("ann", "ben")));
  const client = await RawClient.open(gateway.http);
  const asAnn = async (): Promise<number> => {
    client.send("GET /locked HTTP/1.1\r\nHost: a\r\nX-API-Key: key-of-ann\r\n\r\n");
    return (await client.readResponse()).status;
  };
  expect([await asAnn(), await asAnn()]).toEqual([200, 200]);
  await edit(config(keys("ben")));
  expect(await asAnn()).toBe(401);
  await edit(config(keys("ben", "ann")));
  expect(await asAnn()).toBe(200);
  client.socket.destroy();
});

test("a new pool gets its own traffic, and one that is gone from the config lets go", async () => {
  const [, , apart] = backends;
  const pools = { ...config().pools, apart: { backends: [`http://${apart.id}`] } };
  await edit(
    config({
      pools,
      routes: [
        { path: "/apart", pool: "apart", auth: "none" },
        { path: "/", auth: "none" },
      ],
    }),
  );
  expect((await get("/apart/1")).headers["x-backend-server"]).toBe(apart.id);
  await edit(config());
  expect((await readBackends(gateway.admin)).map(({ pool }) => pool)).toEqual(["default", "default"]);
  expect((await get("/apart/2")).headers["x-backend-server"]).not.toBe(apart.id);
});

test("a config that is wrong is told with its path, and the one before stays; a right one takes its place", async () => {
  const wrong = { ...config(), pools: { default: { backends: [], health: { interval: "1 sec" } } } };
  await save(JSON.stringify(wrong), "config refused, the one before still runs: ");
  await tells(
    gateway,
    /still runs: headgate\.config\.json:1:\d+: pools\.default\.health\.interval: found \\"1 sec\\", expected a duration/,
  );
  const { status, json } = await askJson(`${gateway.admin}/readyz`);
  expect(status).toBe(200);
  expect(json).toMatchObject({ reloadError: expect.stringMatching(/pools\.default\.health\.interval: found "1 sec"/) });
  expect((await ask(`${gateway.admin}/metrics`)).text).toContain("headgate_config_reload_ok 0");

  await save("{", "not JSON");
  rmSync(gateway.configFile);
  await tells(gateway, "there is no such file");
  expect((await readBackends(gateway.admin)).map(({ state }) => state)).toEqual(["HEALTHY", "HEALTHY"]);

  await edit(config({ cache: { ttl: "40s" } }));
  expect((await get("/mended")).headers["cache-status"]).toMatch(/ttl=(40|39)/);
  expect(await askJson(`${gateway.admin}/readyz`)).toMatchObject({ status: 200, json: { reloadError: null } });
});
