import { readBackend } from "./support/backends-api.ts";
import { logLines } from "./support/log.ts";
import type { Outcome } from "./support/open-load.ts";
import { eventually } from "./support/raw-client.ts";
import { PATIENCE, RPS, scenes } from "./support/scene.ts";

const scene = scenes();

/** Of the health checks, ms. */
const INTERVAL = 2000;

test("all four die: 503 with Retry-After within a second, until they return; then all are used within two checks", async () => {
  const backends = await scene.backends(4);
  const gateway = await scene.start(backends, { health: { interval: INTERVAL, timeout: INTERVAL } });
  const load = scene.load();
  await load.goesOn(RPS / 2);
  await Promise.all(backends.map((backend) => backend.kill()));
  const dead = performance.now();
  const sinceDeath = () => load.outcomes.filter(({ startedAt }) => startedAt > dead).length;
  await eventually(() => sinceDeath() > RPS, "a second's requests were answered without them", PATIENCE);
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
  // By the gateway's own record: on a busy machine this process may hear of it late.
  const refused = logLines(gateway).filter((line) => line.includes('"no-healthy-backend"'));
  expect(refused.length).toBeGreaterThan(RPS);
  expect(Math.max(...refused.map((line) => JSON.parse(line).totalMs))).toBeLessThan(1000);
  expect(Math.min(...meanwhile.map(({ retryAfter }) => Number(retryAfter)))).toBeGreaterThanOrEqual(1);
  for (const { id } of backends) {
    const good = (await readBackend(gateway.admin, id)).probes.find(({ ok, at }) => ok && at > since);
    expect((good?.at ?? Number.NaN) - up).toBeLessThan(2 * INTERVAL);
  }
  expect(load.failures.filter(({ startedAt }) => startedAt > back)).toEqual([]);
  expect(load.outcomes).toHaveLength(load.sent);
});

const told = ({ status, problem }: Outcome): string => `${status} ${JSON.parse(problem).code}`;
