import { writeFileSync } from "node:fs";
import { type BackendView, readBackends } from "./support/backends-api.ts";
import { headgate } from "./support/command.ts";
import { type RunningGateway, startGateway, testConfig } from "./support/gateway.ts";
import { askJson } from "./support/http-client.ts";
import { tells } from "./support/log.ts";
import { closedPort } from "./support/raw-backend.ts";
import { eventually } from "./support/raw-client.ts";
import { RegisteredBackend } from "./support/registered-backend.ts";
import { PATIENCE, RPS, scenes } from "./support/scene.ts";

const scene = scenes();

/** A busy machine may keep a check waiting. */
const POOL = { backends: [], health: { interval: "100ms", timeout: "5s" } };

async function register(admin: string, ...args: string[]): Promise<RegisteredBackend> {
  const backend = await RegisteredBackend.start(admin, "--lease", "3s", ...args);
  scene.owns(() => backend.end("SIGKILL"));
  return backend;
}

const views = (): Promise<BackendView[]> => readBackends(scene.gateway.admin);

/** Waits until the pool's members are these, each HEALTHY. */
async function members(...expected: readonly { readonly id: string }[]): Promise<void> {
  const wanted = expected.map(({ id }) => `${id} HEALTHY`).sort();
  const same = async (): Promise<boolean> => {
    const seen = (await views()).map(({ id, state }) => `${id} ${state}`);
    return seen.sort().join() === wanted.join();
  };
  await eventually(same, `the members are ${wanted}`, PATIENCE);
}

test("backends register themselves, stay by renewing, leave at once on SIGTERM and by silence after kill -9; no request fails", async () => {
  const { admin } = await scene.startPools({ default: POOL });
  const backends = await Promise.all([register(admin), register(admin), register(admin)]);
  const [leaves, dies, stays] = backends as [RegisteredBackend, RegisteredBackend, RegisteredBackend];
  await members(...backends);
  for (const { origin, leaseUntilAt } of await views()) {
    expect(origin).toBe("admin");
    expect(Date.parse(leaseUntilAt ?? "") - Date.now()).toBeLessThanOrEqual(3000);
  }
  const load = scene.load((id) => ({ method: "GET", path: `/run?cache=no-store&id=${id}` }));
  // Longer than a lease: they renew.
  await load.goesOn(RPS * 4);
  await members(...backends);

  const code = await leaves.end("SIGTERM");
  expect(code).toBe(0);
  expect((await views()).map(({ id }) => id)).not.toContain(leaves.id);
  await tells(leaves, "sample-backend left pool default");
  await load.goesOn(RPS);

  await dies.end("SIGKILL");
  await members(stays);
  await load.goesOn(RPS);
  await load.stop();
  expect(load.failures).toEqual([]);
  await tells(scene.gateway, `"backend":"${dies.id}","by":"lease","msg":"backend left"`);
  expect(scene.gateway.log().match(/"msg":"backend added"/g)).toHaveLength(3);
}, 90_000);

test("a backend keeps trying until its gateway is there, and registers again with one that was started anew", async () => {
  const port = await closedPort();
  const admin = `http://127.0.0.1:${port}`;
  const backend = await register(admin);
  await tells(backend, "nothing listens there yet; trying again", PATIENCE);
  const start = (): Promise<RunningGateway> =>
    startGateway({ ...testConfig([]), admin: { port }, pools: { default: POOL } } as Parameters<
      typeof startGateway
    >[0]);
  for (let times = 1; times <= 2; times++) {
    const gateway = await start();
    try {
      const there = async () =>
        (await readBackends(admin)).some(({ id, state }) => id === backend.id && state === "HEALTHY");
      await eventually(there, "it is registered", PATIENCE);
      await eventually(
        () => backend.log().split("registered in pool default").length === 2 * times + 1,
        "it says so",
        PATIENCE,
      );
    } finally {
      await gateway.stop();
    }
    await eventually(() => backend.log().split("trying again").length > times + 1, "it misses its gateway", PATIENCE);
  }
  expect(await backend.end("SIGINT")).toBe(0);
  await tells(backend, "could not leave pool default: nothing listens there yet");
}, 90_000);

test("headgate backends add --lease; its bounds; and what a reload does to leases", async () => {
  const { admin, configFile } = await scene.startPools({ default: { ...POOL, health: false } });
  const add = (lease: string) =>
    headgate(["backends", "add", "http://127.0.0.1:1", "--lease", lease, "--admin", admin]);
  expect(await add("1500ms")).toMatchObject({ code: 0, stdout: expect.stringContaining("for 1500ms unless") });
  writeFileSync(
    configFile,
    JSON.stringify({
      ...testConfig([]),
      admin: { port: 0 },
      pools: { default: { ...POOL, health: false, retries: 1 } },
    }),
  );
  await tells(scene.gateway, "config reloaded", PATIENCE);
  await eventually(async () => (await views()).length === 0, "the lease ran out", PATIENCE);
  await tells(scene.gateway, '"by":"lease","msg":"backend left"');

  for (const lease of ["999ms", "2h"]) {
    const { code, stderr } = await add(lease);
    expect(code).toBe(1);
    expect(stderr).toContain("is not possible: expected 1s to 1h.");
  }
  const path = `${admin}/api/pools/default/backends`;
  expect(await askJson(path, "POST", { url: "http://127.0.0.1:1", lease: 10 })).toMatchObject({
    status: 400,
    json: { detail: expect.stringContaining("lease: expected a duration such as 10s") },
  });
  expect((await askJson(path, "POST", { url: "http://127.0.0.1:1", lease: "1h" })).status).toBe(201);
  expect((await askJson(path, "POST", { url: "http://127.0.0.1:1" })).json).toMatchObject({ leaseUntil: null });
}, 60_000);
