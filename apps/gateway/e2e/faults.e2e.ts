import type { Behaviour } from "./support/behaviour.ts";
import type { LedgerBackend } from "./support/ledger-backend.ts";
import type { OpenLoad } from "./support/open-load.ts";
import { RPS, scenes } from "./support/scene.ts";

const scene = scenes();

/** On a busy machine more than the default may lie between a head and what comes behind it. */
const PATIENT = { retries: { holdTime: "5s" } };

/** Four backends of which the last turns bad under load, which goes on for two seconds. */
async function turnsBad(behaviour: Partial<Behaviour>, pool: object = {}): Promise<[OpenLoad, LedgerBackend]> {
  const backends = await scene.backends(4);
  const bad = backends[3] as LedgerBackend;
  await scene.start(backends, pool);
  const load = scene.load();
  await load.goesOn(RPS / 2);
  await bad.behave(behaviour);
  await load.goesOn(RPS * 2);
  return [load, bad];
}

/** Nothing has failed, and every answer is that to its own request. */
function expectNoneFailed(load: OpenLoad): void {
  expect(load.failures).toEqual([]);
  expect(load.outcomes.filter(({ id, text }) => text !== id)).toEqual([]);
  expect(load.outcomes).toHaveLength(load.sent);
}

test("one answers 500 to everything: with retries on 5xx nobody sees it, and it is ejected", async () => {
  const [load, bad] = await turnsBad({ status: 500 }, { retries: { on: ["5xx"] }, outlier: { consecutive5xx: 5 } });
  await scene.until(bad, "it is ejected", ({ ejected }) => ejected);
  await load.stop();
  expectNoneFailed(load);
});

test("one resets its connections behind the head: what was held is tried elsewhere, and it is ejected", async () => {
  const [load, bad] = await turnsBad({ fault: "reset" }, PATIENT);
  await scene.until(bad, "it is ejected", ({ ejected }) => ejected);
  await load.stop();
  expectNoneFailed(load);
});

test("one tells a Content-Length that is too long, and closes: it is tried elsewhere, and it is ejected", async () => {
  const [load, bad] = await turnsBad({ fault: "too-long" }, PATIENT);
  await scene.until(bad, "it is ejected", ({ ejected }) => ejected);
  await load.stop();
  expectNoneFailed(load);
});

test("one sends more than the Content-Length it tells: nobody gets the surplus, neither behind the answer nor as the next", async () => {
  const [load, bad] = await turnsBad({ fault: "too-short" });
  await load.stop();
  expect(load.servedBy(bad.id)).toBeGreaterThan(0);
  expectNoneFailed(load);
});

test("one becomes twenty times slower: nothing fails", async () => {
  const [load, bad] = await turnsBad({ moment: 800 });
  await load.stop();
  expect(load.servedBy(bad.id)).toBeGreaterThan(0);
  expectNoneFailed(load);
});

test("one dies and returns each second: nothing fails", async () => {
  const backends = await scene.backends(4);
  const flapping = backends[3] as LedgerBackend;
  await scene.start(backends);
  const load = scene.load();
  await load.goesOn(RPS / 2);
  for (let time = 0; time < 2; time++) {
    await flapping.kill();
    await load.goesOn(RPS / 2);
    await flapping.start();
    await load.goesOn(RPS / 2);
  }
  await load.stop();
  expectNoneFailed(load);
});

test("POSTs at a backend that breaks its answers off fail with 502, and none runs twice", async () => {
  const backends = await scene.backends(4);
  await scene.start(backends, { ...PATIENT, outlier: false });
  await (backends[3] as LedgerBackend).behave({ fault: "reset" });
  const load = scene.load((id) => ({ method: "POST", path: "/run", body: id }));
  await load.goesOn(RPS);
  await load.stop();
  const codes = load.failures.map(({ status, problem }) => `${status} ${JSON.parse(problem).code}`);
  expect(new Set(codes)).toEqual(new Set(["502 upstream-reset"]));
  expect(load.failures.length / load.sent).toBeCloseTo(0.25, 1);
  expect([...scene.runs()].filter(([, by]) => by.length !== 1)).toEqual([]);
});
