import type { LedgerBackend } from "./support/ledger-backend.ts";
import { logLines } from "./support/log.ts";
import { eventually } from "./support/raw-client.ts";
import { PATIENCE, RPS, scenes } from "./support/scene.ts";

const scene = scenes();

test("a backend whose success rate is far below the others' is ejected, and taken back by a good check long before its time", async () => {
  const backends = await scene.backends(4, { moment: 5 });
  const bad = backends[3] as LedgerBackend;
  const successRate = { deviations: 1, minimumBackends: 4, minimumRequests: 20 };
  const outlier = { consecutiveFaults: false, successRate, interval: "500ms", ejection: "5m" };
  await scene.start(backends, { retries: { on: ["5xx"] }, outlier, health: { interval: "2s" } });
  const load = scene.load();
  await bad.behave({ status: 500 });
  await scene.until(bad, "it is ejected", ({ ejected }) => ejected);
  await bad.behave({ status: 200 });
  const before = load.servedBy(bad.id);
  await scene.until(bad, "it is taken back", ({ ejected }) => !ejected);
  await eventually(() => load.servedBy(bad.id) > before + RPS / 10, "it serves", PATIENCE);
  await load.stop();
  expect(load.failures).toEqual([]);
  const ejected = (): string | undefined =>
    logLines(scene.gateway).find((line) => line.includes(bad.id) && line.includes('"msg":"backend ejected"'));
  await eventually(() => ejected() !== undefined, "its ejection is told");
  expect(ejected()).toContain("success-rate");
});
