import { LatencyQuantile } from "@headgate/balancer";
import { Cancellation } from "../../src/cancellation.ts";
import { ClientGone } from "../../src/gateway-error.ts";
import type { Gate } from "../../src/upstream/gate.ts";
import type { UpstreamRequest } from "../../src/upstream/upstream-request.ts";
import { CountedCancellation } from "./support/counted-cancellation.ts";
import { Exchanges } from "./support/pool-exchanges.ts";
import { backendId, coded } from "./support/upstream.ts";
import { virtualTimers } from "./support/virtual-timers.ts";

const virtual = virtualTimers();

/** What 95 of 100 known latencies stay within, to the quantile's 10 %; ms. */
const P95 = 12;

function hedging() {
  const latencies = new LatencyQuantile();
  for (let i = 0; i < 200; i++) latencies.add(10, 0);
  return { latencies, scene: new Exchanges(virtual.time, { latencies }) };
}

/** Where attempts went. */
const ids = ({ running }: Exchanges): number[] => running.map(({ id }) => Number(id.slice(-4)));

test("an answer within the usual time costs one attempt, and leaves no timer", async () => {
  const { scene, latencies } = hedging();
  const asked = scene.ask();
  await virtual.time.advanceAsync(5);
  scene.running[0]?.driven.head(200).end();
  expect([await asked.told, ids(scene)]).toEqual(["200", [8000]]);
  expect(latencies.count(virtual.time.now())).toBe(201);
});

test("what takes longer is sent to a second backend; the first answer counts, the other attempt is cancelled", async () => {
  const { scene } = hedging();
  const asked = scene.ask();
  await virtual.time.advanceAsync(P95);
  expect(ids(scene)).toEqual([8000, 8001]);
  scene.running[1]?.driven.head(200).data("a");
  await virtual.time.advanceAsync(0);
  expect(scene.running[0]?.driven.control.aborted?.name).toBe("HedgeLost");
  scene.running[1]?.driven.end();
  expect(await asked.told).toBe("200");
  expect(asked.attempts).toMatchObject([
    { backend: "127.0.0.1:8000", outcome: "hedge-lost", retry: "hedge" },
    { backend: "127.0.0.1:8001", outcome: "ok", retry: null },
  ]);
  // The loser's health is not known; that it takes at least so long is.
  expect(scene.pool.ended).toEqual([["127.0.0.1:8001", 200, expect.any(Number)]]);
  expect(scene.pool.balancer.active).toBe(0);
});

test("the first may still be the first", async () => {
  const { scene } = hedging();
  const asked = scene.ask();
  await virtual.time.advanceAsync(P95);
  scene.running[0]?.driven.head(200).end();
  expect(await asked.told).toBe("200");
  expect(scene.running[1]?.driven.control.aborted?.name).toBe("HedgeLost");
  expect(asked.attempts.map(({ outcome }) => outcome)).toEqual(["ok", "hedge-lost"]);
});

describe("a fast failure does not win over a slow success", () => {
  test.each<[string, (scene: Exchanges) => void]>([
    ["a hedge that breaks off", (scene) => void scene.running[1]?.driven.fail(coded("ECONNRESET"))],
    ["a hedge that answers 500", (scene) => void scene.running[1]?.driven.head(500).data("a")],
  ])("%s is waited out", async (_name, fail) => {
    const { scene } = hedging();
    const asked = scene.ask();
    await virtual.time.advanceAsync(P95);
    fail(scene);
    await virtual.time.advanceAsync(50);
    scene.running[0]?.driven.head(200).end();
    expect([await asked.told, ids(scene)]).toEqual(["200", [8000, 8001]]);
  });

  test("two answers of 500: the first backend's is the answer, the other is let go", async () => {
    const { scene } = hedging();
    const asked = scene.ask();
    await virtual.time.advanceAsync(P95);
    scene.running[1]?.driven.head(503).data("a");
    scene.running[0]?.driven.head(500).end();
    expect(await asked.told).toBe("500");
    expect(scene.running[1]?.driven.control.aborted?.name).toBe("HedgeLost");
  });

  test("an answer of 500 is better than none", async () => {
    const { scene } = hedging();
    const asked = scene.ask();
    await virtual.time.advanceAsync(P95);
    scene.running[0]?.driven.fail(coded("ECONNRESET"));
    scene.running[1]?.driven.head(500).end();
    expect(await asked.told).toBe("500");
  });

  test("where both break off a third backend is tried, and neither of these", async () => {
    const { scene } = hedging();
    const asked = scene.ask();
    await virtual.time.advanceAsync(P95);
    for (const { driven } of scene.running.slice(0, 2)) driven.fail(coded("ECONNRESET"));
    await virtual.time.advanceAsync(60);
    // No fourth beside it: with two retries, three attempts are all there are.
    expect(ids(scene)).toEqual([8000, 8001, 8002]);
    scene.running[2]?.driven.head(200).end();
    expect(await asked.told).toBe("200");
    expect(asked.attempts.map(({ outcome }) => outcome)).toEqual(["reset", "reset", "ok"]);
  });
});

test("a client that leaves ends both", async () => {
  const { scene } = hedging();
  const cancellation = new Cancellation();
  const asked = scene.ask({ cancellation });
  await virtual.time.advanceAsync(P95);
  cancellation.cancel(new ClientGone());
  expect(await asked.told).toContain("the client went away");
  expect(scene.running.map(({ driven }) => driven.control.aborted?.name)).toEqual(["ClientGone", "ClientGone"]);
});

test("nothing is left with a request that goes on when its attempts are over", async () => {
  const { scene } = hedging();
  const cancellation = new CountedCancellation();
  const asked = scene.ask({ cancellation });
  await virtual.time.advanceAsync(P95);
  expect(cancellation.held).toBe(2);
  scene.running[1]?.driven.head(200).end();
  expect(await asked.told).toBe("200");
  expect(cancellation.held).toBe(0);
  expect(asked.attempts.map(({ hedge }) => hedge)).toEqual([false, true]);
});

describe("one attempt alone is made", () => {
  test.each<[string, Partial<UpstreamRequest>, (scene: Exchanges) => void]>([
    ["for a POST", { method: "POST" }, () => undefined],
    ["for a session of its own backend", { session: { pinned: backendId(8000), assigned: null } }, () => undefined],
    ["for a WebSocket", { upgrade: "websocket" }, () => undefined],
    ["without budget", {}, (scene) => scene.spendBudget()],
    [
      "where no other backend can take it",
      {},
      ({ pool }) => {
        for (const port of [8001, 8002, 8003]) pool.balancer.setEjected(backendId(port), true);
      },
    ],
    [
      "while others wait for room",
      {},
      ({ pool }) => {
        const gate = { waiting: 1, admit: () => 0, choose: pool.balancer.choose.bind(pool.balancer), leave: () => 0 };
        pool.rules = { ...pool.rules, gate: gate as unknown as Gate };
      },
    ],
  ])("%s", async (_name, changes, prepare) => {
    const { scene } = hedging();
    prepare(scene);
    const asked = scene.ask(changes);
    await virtual.time.advanceAsync(1000);
    expect(ids(scene)).toEqual([8000]);
    scene.running[0]?.driven.head(200).end();
    expect(await asked.told).toBe("200");
  });

  test("while too little is known, from which it learns", async () => {
    const latencies = new LatencyQuantile();
    const scene = new Exchanges(virtual.time, { latencies });
    const asked = scene.ask();
    await virtual.time.advanceAsync(1000);
    scene.running[0]?.driven.head(200).end();
    expect([await asked.told, ids(scene)]).toEqual(["200", [8000]]);
    expect(latencies.count(virtual.time.now())).toBe(1);
  });

  test("in a pool that does not hedge", async () => {
    const scene = new Exchanges(virtual.time, {});
    const asked = scene.ask();
    await virtual.time.advanceAsync(1000);
    scene.running[0]?.driven.head(200).end();
    expect([await asked.told, ids(scene)]).toEqual(["200", [8000]]);
  });
});

test("failures teach nothing of how long an answer takes", async () => {
  const { scene, latencies } = hedging();
  const asked = scene.ask();
  scene.running[0]?.driven.head(500).end();
  expect(await asked.told).toBe("500");
  expect(latencies.count(virtual.time.now())).toBe(200);
});
