import { readBackend } from "./support/backends-api.ts";
import type { Outcome } from "./support/open-load.ts";
import { eventually } from "./support/raw-client.ts";
import { PATIENCE, RPS, scenes } from "./support/scene.ts";

const scene = scenes();

/** Of the health checks, by default, ms. */
const INTERVAL = 1000;

test("all four die: 503 with Retry-After within a second, until they return; then all are used within two checks", async () => {
  const backends = await scene.backends(4);
  const { admin } = await scene.start(backends);
  const load = scene.load();
  await load.goesOn(RPS / 2);
  await Promise.all(backends.map((backend) => backend.kill()));
  const dead = performance.now();
  await load.goesOn(RPS * 2);
  const returning = performance.now();
  const since = Date.now();
  await Promise.all(backends.map((backend) => backend.start()));
  const up = Date.now();
  const before = load.outcomes.length;
  const serving = () => backends.every(({ id }) => load.outcomes.slice(before).some(({ backend }) => backend === id));
  await eventually(serving, "all of them serve", PATIENCE);
  const back = performance.now();
  await load.goesOn(RPS);
  await load.stop();

  const meanwhile = load.outcomes.filter(({ startedAt, endedAt }) => startedAt > dead && endedAt < returning);
  expect(meanwhile.length).toBeGreaterThan(RPS);
  expect(new Set(meanwhile.map(told))).toEqual(new Set(["503 no-healthy-backend"]));
  expect(Math.max(...meanwhile.map(took))).toBeLessThan(1000);
  expect(Math.min(...meanwhile.map(({ retryAfter }) => Number(retryAfter)))).toBeGreaterThanOrEqual(1);
  for (const { id } of backends) {
    const good = (await readBackend(admin, id)).probes.find(({ ok, at }) => ok && at > since);
    expect((good?.at ?? Number.NaN) - up).toBeLessThan(2 * INTERVAL);
  }
  expect(load.failures.filter(({ startedAt }) => startedAt > back)).toEqual([]);
  expect(load.outcomes).toHaveLength(load.sent);
});

const took = ({ startedAt, endedAt }: Outcome): number => endedAt - startedAt;

const told = ({ status, problem }: Outcome): string => `${status} ${JSON.parse(problem).code}`;
