import { readBackends } from "./support/backends-api.ts";
import type { LedgerBackend } from "./support/ledger-backend.ts";
import type { OpenLoad } from "./support/open-load.ts";
import { eventually } from "./support/raw-client.ts";
import { PATIENCE, RPS, scenes } from "./support/scene.ts";

const scene = scenes();

type Four = [LedgerBackend, LedgerBackend, LedgerBackend, LedgerBackend];

const backends = async (): Promise<Four> => (await scene.backends(4, { moment: 5 })) as Four;

/** A gateway before backends that differ in what the config says of them. */
async function start(four: Four, places: readonly object[], pool: object = {}): Promise<void> {
  const placed = four.map(({ id }, index) => ({ url: `http://${id}`, ...places[index] }));
  await scene.startPools({ default: { backends: placed, ...pool } });
}

/** How many of the next requests each backend gets. */
async function shares(load: OpenLoad, four: Four, count: number): Promise<number[]> {
  const began = performance.now();
  const since = () => load.outcomes.filter(({ startedAt }) => startedAt > began);
  await eventually(() => since().length >= count, "they are answered", PATIENCE);
  return four.map(({ id }) => since().filter(({ backend }) => backend === id).length);
}

const isBack = (backend: LedgerBackend): Promise<void> =>
  scene.until(backend, "it is back", ({ state, ejected }) => state === "HEALTHY" && !ejected);

test("backups get nothing, then what is too much for the primaries that are left, then all, and nothing again", async () => {
  const four = await backends();
  const [first, second] = four;
  await start(four, [{}, {}, { priority: 1 }, { priority: 1 }]);
  const load = scene.load();
  await load.goesOn(RPS / 3);
  expect((await shares(load, four, RPS / 3)).slice(2)).toEqual([0, 0]);

  await first.kill();
  const [gone = 0, left = 0, ...spilt] = await shares(load, four, RPS * 2);
  const all = left + spilt.reduce((a, b) => a + b, 0);
  expect(gone).toBe(0);
  // One of two takes 1.4 times its half; 30 % spill over, drawn by chance: 0.1 is more than five standard deviations.
  expect(Math.abs(left / all - 0.7)).toBeLessThan(0.1);
  for (const share of spilt) expect(Math.abs(share / all - 0.15)).toBeLessThan(0.1);

  await second.kill();
  const backup = await shares(load, four, RPS / 3);
  expect(backup.slice(0, 2)).toEqual([0, 0]);

  await Promise.all([first.start(), second.start()]);
  await Promise.all([isBack(first), isBack(second)]);
  expect((await shares(load, four, RPS / 3)).slice(2)).toEqual([0, 0]);
  await load.stop();
  expect(load.failures).toEqual([]);
});

test("the gateway's own zone is used while it can take the load, and another when it is gone", async () => {
  const four = await backends();
  const [first, second] = four;
  await start(four, [{ zone: "a" }, { zone: "a" }, { zone: "b" }, { zone: "b" }], { zone: "a" });
  const load = scene.load();
  expect((await shares(load, four, RPS / 3)).slice(2)).toEqual([0, 0]);
  await Promise.all([first.kill(), second.kill()]);
  expect((await shares(load, four, RPS / 3)).slice(0, 2)).toEqual([0, 0]);
  await load.stop();
  expect(load.failures).toEqual([]);
});

test("of a subset only so many get requests; another stands in while one is gone", async () => {
  const four = await backends();
  await start(four, [], { subset: { size: 2, gateway: "gw-1" } });
  const load = scene.load();
  const usual = await shares(load, four, RPS / 3);
  const used = four.filter((_, index) => (usual[index] ?? 0) > 0);
  expect(used).toHaveLength(2);
  const [first] = used as [LedgerBackend];
  await first.kill();
  const meanwhile = await shares(load, four, RPS / 3);
  expect(four.filter((_, index) => (meanwhile[index] ?? 0) > 0)).toHaveLength(2);
  await first.start();
  await isBack(first);
  const after = await shares(load, four, RPS / 3);
  expect(four.filter((_, index) => (after[index] ?? 0) > 0)).toEqual(used);
  await load.stop();
  expect(load.failures).toEqual([]);
});

test("panic: where too few are well by their checks, all are used, since the checks may be what fails", async () => {
  const four = await backends();
  await start(four, [], { panic: "50%", health: { interval: 200 } });
  for (const backend of four.slice(1)) await backend.behave({ health: 503 });
  const down = async () => (await readBackends(scene.gateway.admin)).filter(({ state }) => state === "UNREACHABLE");
  await eventually(async () => (await down()).length === 3, "three are UNREACHABLE", PATIENCE);
  const load = scene.load();
  expect(Math.min(...(await shares(load, four, RPS / 3)))).toBeGreaterThan(RPS / 20);
  await load.stop();
  expect(load.failures).toEqual([]);
});

test("slow start: a backend that returns begins with a small part of its share", async () => {
  const four = await backends();
  const [first] = four;
  await start(four, [], { slowStart: "30s" });
  const load = scene.load();
  await load.goesOn(RPS / 3);
  await first.kill();
  await load.goesOn(RPS / 3);
  await first.start();
  const before = load.servedBy(first.id);
  await isBack(first);
  await eventually(() => load.servedBy(first.id) > before, "it serves", PATIENCE);
  const [its = 0, ...others] = await shares(load, four, RPS);
  await load.stop();
  expect(load.failures).toEqual([]);
  expect(its).toBeGreaterThan(0);
  expect(its).toBeLessThan(Math.min(...others) / 2);
});
