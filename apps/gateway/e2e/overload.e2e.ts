import { type Answer, askJson } from "./support/http-client.ts";
import type { LedgerBackend } from "./support/ledger-backend.ts";
import { eventually } from "./support/raw-client.ts";
import { PATIENCE, RPS, scenes } from "./support/scene.ts";

const scene = scenes();

/** Status and problem code. */
const told = ({ status, text }: Answer): string => (status === 200 ? "200" : `${status} ${JSON.parse(text).code}`);

async function active(): Promise<number[]> {
  const { json } = await askJson(`${scene.gateway.admin}/api/backends`);
  return (json as { active: number }[]).map((backend) => backend.active);
}

test("a backend gets no more than its limit at a time: what is over waits, and is served in time", async () => {
  const backends = await scene.backends(4, { moment: 30 });
  await scene.start(backends, { limits: { perBackend: { requests: 3 }, wait: "10s" } });
  const load = scene.load();
  let most = 0;
  for (let look = 0; look < 20; look++) {
    await load.goesOn(RPS / 20);
    most = Math.max(most, ...(await active()));
  }
  await load.stop();
  expect(load.failures).toEqual([]);
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThanOrEqual(3);
});

test("with no room left so many wait as may, each no longer than it may: 503 with Retry-After and the reason", async () => {
  const backends = await scene.backends(2, { moment: 2500 });
  await scene.start(backends, { limits: { perBackend: { requests: 1 }, waiting: 2, wait: "1s" } });
  const running = [1, 2].map((id) => scene.ask(`/run?id=running-${id}`));
  await eventually(async () => (await active()).every((count) => count === 1), "both are busy", PATIENCE);
  const began = performance.now();
  const waiting = [1, 2].map((id) => scene.ask(`/run?id=waiting-${id}`));
  await eventually(
    async () => ((await askJson(`${scene.gateway.admin}/api/pools`)).json as { waiting: number }[])[0]?.waiting === 2,
    "two wait",
  );
  const turnedAway = await scene.ask("/run?id=over");
  expect(told(turnedAway)).toBe("503 pool-busy");
  expect(turnedAway.headers["retry-after"]).toBe("1");
  expect(JSON.parse(turnedAway.text).detail).toContain("no more may wait");
  for (const answer of await Promise.all(waiting)) {
    expect(told(answer)).toBe("503 pool-busy");
    expect(answer.headers["retry-after"]).toBe("1");
    expect(JSON.parse(answer.text).detail).toContain("none ended in time");
  }
  expect(performance.now() - began).toBeGreaterThanOrEqual(1000);
  expect((await Promise.all(running)).map(told)).toEqual(["200", "200"]);
  expect([...scene.runs().keys()].sort()).toEqual(["running-1", "running-2"]);
});

test("the breaker opens while most attempts fail, lets a few through to see, and closes when these are good", async () => {
  const backends = await scene.backends(2, { moment: 1, status: 500 });
  const breaker = { failures: "50%", minimum: 10, window: "10s", open: "500ms", probes: 2 };
  await scene.start(backends, { breaker, outlier: false });
  const answers: Answer[] = [];
  for (let request = 0; request < 20; request++) answers.push(await scene.ask(`/run?id=${request}`));
  expect(answers.filter(({ status }) => status === 500)).toHaveLength(10);
  const refused = answers.filter(({ status }) => status === 503);
  expect(new Set(refused.map(told))).toEqual(new Set(["503 circuit-open"]));
  expect(refused.every(({ headers }) => Number(headers["retry-after"]) >= 1)).toBe(true);
  expect(scene.runs().size).toBe(10);

  // One probe that fails opens it again, for twice as long.
  await eventually(async () => (await scene.ask("/run?id=probe")).status === 500, "a probe is let through", PATIENCE);
  await eventually(async () => told(await scene.ask("/run?id=again")) === "503 circuit-open", "it is open", PATIENCE);

  await Promise.all(backends.map((backend: LedgerBackend) => backend.behave({ status: 200 })));
  await eventually(async () => (await scene.ask("/run?id=well")).status === 200, "it is tried again", PATIENCE);
  await scene.ask("/run?id=second-probe");
  const after = await Promise.all(Array.from({ length: 20 }, (_, id) => scene.ask(`/run?id=after-${id}`)));
  expect(new Set(after.map(told))).toEqual(new Set(["200"]));
});
