import type { AttemptOutcome, Backend } from "@headgate/balancer";
import { Cancellation } from "../../src/cancellation.ts";
import { ClientGone, GatewayError } from "../../src/gateway-error.ts";
import { balance } from "../../src/layers/balance.ts";
import { AttemptError } from "../../src/upstream/attempt-error.ts";
import { recordingOf } from "./support/bodies.ts";
import { aRequest, backendId, coded, type DrivenAttempt, TestClock, TestPool } from "./support/upstream.ts";
import { virtualTimers } from "./support/virtual-timers.ts";

const virtual = virtualTimers();

/** A pool whose attempts a test drives, with what was told when they were over. */
function balancing(ports: number[], act: (attempt: DrivenAttempt, id: string) => void) {
  const clock = new TestClock(1000);
  const pool = new TestPool(ports, act);
  const released: [string, AttemptOutcome | null | undefined][] = [];
  const release = pool.balancer.release.bind(pool.balancer);
  pool.balancer.release = (backend: Backend, outcome?: AttemptOutcome | null): void => {
    released.push([backend.id, outcome]);
    release(backend, outcome);
  };
  const cancellation = new Cancellation();
  const request = aRequest({ pool, cancellation });
  const tryOnce = balance({ clock, random: () => 0 });
  return { clock, pool, released, cancellation, request, tryOnce };
}

const answering =
  (status: number) =>
  (driven: DrivenAttempt): void =>
    void driven.start().head(status).end();

test("each attempt goes to the next backend, is counted there while it runs, and released once", async () => {
  const running: DrivenAttempt[] = [];
  const { pool, request, tryOnce, released } = balancing([8000, 8001], (driven) => {
    running.push(driven.start().head(200));
  });
  const first = await tryOnce(request, null);
  const second = await tryOnce(request, null);
  expect([first.backend, second.backend]).toEqual(["127.0.0.1:8000", "127.0.0.1:8001"]);
  expect(pool.balancer.backends.map(({ active }) => active)).toEqual([1, 1]);
  for (const driven of running) driven.end();
  expect(pool.balancer.backends.map(({ active }) => active)).toEqual([0, 0]);
  expect(released.map(([id]) => id)).toEqual(["127.0.0.1:8000", "127.0.0.1:8001"]);
});

test("a backend without connections is a bug, which costs that attempt alone", async () => {
  const { pool, request, tryOnce, released } = balancing([8000], answering(200));
  const connectionsOf = pool.connectionsOf.bind(pool);
  pool.connectionsOf = () => {
    throw new TypeError("no connections");
  };
  await expect(tryOnce(request, null)).rejects.toThrow("no connections");
  expect([pool.balancer.active, released]).toEqual([0, [["127.0.0.1:8000", undefined]]]);
  pool.connectionsOf = connectionsOf;
  expect((await tryOnce(request, null)).status).toBe(200);
});

test("never the same backend twice while another is left, then any again", async () => {
  const met: string[] = [];
  const { request, tryOnce } = balancing([8000, 8001, 8002], (driven, id) => {
    met.push(id);
    answering(200)(driven);
  });
  const tried = [backendId(8001)];
  for (let i = 0; i < 6; i++) await tryOnce(request, tried);
  expect(met).not.toContain("127.0.0.1:8001");
  expect(new Set(met).size).toBe(2);
  await tryOnce(request, [backendId(8000), backendId(8001), backendId(8002)]);
  expect(met).toHaveLength(7);
});

test.each<[number, boolean]>([
  [200, false],
  [404, false],
  [499, false],
  [500, true],
  [503, true],
])("an answer of %d counts as failed: %p", async (status, failed) => {
  const { request, tryOnce, released, clock } = balancing([8000], (driven) => {
    driven.start();
    clock.advance(30);
    driven.head(status);
    clock.advance(500);
    driven.end();
  });
  await tryOnce(request, null);
  expect(released).toEqual([["127.0.0.1:8000", { latency: 30, failed, now: 1530 }]]);
  expect(request.attempts).toMatchObject([
    { backend: "127.0.0.1:8000", startedAt: 1000, headAt: 1030, outcome: "ok", status },
  ]);
});

test("a refusal is reported to health, recorded, and told to the pool", async () => {
  const { pool, request, tryOnce, released } = balancing([8000], (driven) => void driven.fail(coded("ECONNREFUSED")));
  await expect(tryOnce(request, null)).rejects.toBeInstanceOf(AttemptError);
  expect(pool.refused).toEqual(["127.0.0.1:8000"]);
  expect(request.attempts).toMatchObject([{ outcome: "refused", sentAt: null, status: null }]);
  expect(released).toEqual([["127.0.0.1:8000", { latency: 0, failed: true, now: 1000 }]]);
});

test("any other failure is not reported as a refusal", async () => {
  const { pool, request, tryOnce, released } = balancing(
    [8000],
    (driven) => void driven.start().fail(coded("ECONNRESET")),
  );
  await expect(tryOnce(request, null)).rejects.toBeInstanceOf(AttemptError);
  expect([pool.refused, request.attempts[0]?.outcome]).toEqual([[], "reset"]);
  expect(released).toHaveLength(1);
});

test("a body that breaks off counts as failed when it does, and the attempt's record says so", async () => {
  let running: DrivenAttempt | undefined;
  const { request, tryOnce, released } = balancing([8000], (driven) => {
    running = driven.start().head(200).data("a");
  });
  const response = await tryOnce(request, null);
  expect(released).toEqual([]);
  const body = response.takeBody();
  if (body === null || Buffer.isBuffer(body)) throw new Error("expected a source");
  const sink = recordingOf(body);
  running?.fail(coded("UPSTREAM_ENDED"));
  expect(sink.failed).toBeInstanceOf(AttemptError);
  expect(released).toMatchObject([["127.0.0.1:8000", { failed: true }]]);
  expect(request.attempts[0]?.outcome).toBe("reset");
});

test("a client that leaves says nothing of the backend", async () => {
  const { request, tryOnce, released, cancellation } = balancing([8000], (driven) => void driven.start());
  const attempt = tryOnce(request, null);
  await virtual.time.advanceAsync(0);
  cancellation.cancel(new ClientGone());
  await expect(attempt).rejects.toBeInstanceOf(ClientGone);
  expect(released).toEqual([["127.0.0.1:8000", undefined]]);
  expect(request.attempts[0]?.outcome).toBe("cancelled");
});

test("a client that left before the attempt began costs none", async () => {
  let dispatched = 0;
  const { request, tryOnce, released, cancellation, pool } = balancing([8000], () => void dispatched++);
  cancellation.cancel(new ClientGone());
  await expect(tryOnce(request, null)).rejects.toBeInstanceOf(ClientGone);
  expect([dispatched, released, pool.balancer.active]).toEqual([0, [["127.0.0.1:8000", undefined]], 0]);
});

test("what the client's body did wrong, or the gateway itself, says nothing of the backend", async () => {
  for (const error of [new GatewayError("content-too-large", "x"), coded("EMFILE")]) {
    const { request, tryOnce, released, pool } = balancing([8000], (driven) => void driven.start().fail(error));
    await expect(tryOnce(request, null)).rejects.toBeInstanceOf(GatewayError);
    expect([released, pool.refused]).toEqual([[["127.0.0.1:8000", undefined]], []]);
  }
});

test.each<[string, (pool: TestPool) => void, string]>([
  ["empty", (pool) => void pool.balancer.remove(backendId(8000)), "has no backend."],
  ["not well", ({ balancer }) => balancer.setAvailable(backendId(8000), false), "has no backend that is healthy."],
  ["draining", ({ balancer }) => balancer.setDraining(backendId(8000), true), "has no backend that is healthy."],
  [
    "at its limit",
    ({ balancer }) => void balancer.add({ id: backendId(8000), url: "http://127.0.0.1:8000", maxActive: 0 }),
    "has no backend below its limit.",
  ],
])("a pool that is %s: 503, come again", async (_name, prepare, detail) => {
  const { pool, request, tryOnce, released } = balancing([8000], answering(200));
  prepare(pool);
  const refused = await tryOnce(request, null).catch((error: unknown) => error);
  expect(refused).toMatchObject({ code: "no-healthy-backend", status: 503, fields: ["Retry-After", "1"] });
  expect(refused).toMatchObject({ detail: `The pool default ${detail}` });
  expect([request.attempts, released, pool.waits]).toEqual([[], [], 0]);
});

test("a new pool is waited for while its first checks come in, though some backends are known to be well", async () => {
  const { pool, request, tryOnce } = balancing([8000], answering(200));
  const checked = Promise.withResolvers<void>();
  pool.settled = checked.promise;
  pool.health.gathering = true;
  const response = tryOnce(request, null);
  await virtual.time.advanceAsync(1);
  expect([pool.waits, request.attempts]).toEqual([1, []]);
  checked.resolve();
  expect((await response).status).toBe(200);
});

describe("a pool that is not checked yet", () => {
  function pending() {
    const scene = balancing([], answering(200));
    const { balancer } = scene.pool;
    balancer.add({ id: backendId(8000), url: "http://127.0.0.1:8000" });
    return { ...scene, balancer };
  }

  test("is waited for, and then serves", async () => {
    const { pool, request, tryOnce, balancer } = pending();
    const checked = Promise.withResolvers<void>();
    pool.settled = checked.promise;
    const connections = new TestPool([8000], answering(200));
    pool.connectionsOf = (backend) => connections.connectionsOf(backend);
    const response = tryOnce(request, null);
    await virtual.time.advanceAsync(100);
    expect([pool.waits, request.attempts]).toEqual([1, []]);
    balancer.setAvailable(backendId(8000), true);
    checked.resolve();
    expect((await response).status).toBe(200);
  });

  test("is waited for two seconds at most", async () => {
    const { pool, request, tryOnce } = pending();
    pool.settled = new Promise(() => undefined);
    const refused = tryOnce(request, null).catch((error: unknown) => error);
    await virtual.time.advanceAsync(2000);
    expect(await refused).toMatchObject({ code: "no-healthy-backend" });
  });

  test("is not waited for beyond a client that leaves", async () => {
    const { pool, request, tryOnce, cancellation } = pending();
    pool.settled = new Promise(() => undefined);
    const refused = tryOnce(request, null).catch((error: unknown) => error);
    await virtual.time.advanceAsync(1);
    cancellation.cancel(new ClientGone());
    expect(await refused).toBeInstanceOf(ClientGone);
  });
});
