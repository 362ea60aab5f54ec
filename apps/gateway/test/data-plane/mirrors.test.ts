import { mirror } from "../../src/layers/mirror.ts";
import { MirrorTallies } from "../../src/observability/mirror-tallies.ts";
import { Mirrors } from "../../src/upstream/mirrors.ts";
import { WholeBody } from "../../src/upstream/outgoing-body.ts";
import type { UpstreamRequest } from "../../src/upstream/upstream-request.ts";
import { Exchanges } from "./support/pool-exchanges.ts";
import { coded } from "./support/upstream.ts";
import { virtualTimers } from "./support/virtual-timers.ts";

const virtual = virtualTimers();

interface SceneOptions {
  readonly share?: number;
  readonly limit?: number;
  readonly random?: () => number;
}

/** Requests to one pool, copied to another; both do what the test says. */
function scene({ share = 1, limit = 2, random = () => 0.5 }: SceneOptions = {}) {
  const [primary, shadow] = [new Exchanges(virtual.time, {}), new Exchanges(virtual.time, {})];
  const tallies = new MirrorTallies();
  const mirrors = new Mirrors(tallies, random);
  const send = primary.sender();
  const tryOnce = mirror({ mirrors, tryOnce: send, sendCopy: send });
  const rule = { pool: shadow.pool, share, limit, timeout: 1000 };
  const ask = (changes: Partial<UpstreamRequest> = {}) => primary.ask({ mirror: rule, ...changes }, tryOnce);
  const counted = (): Record<string, number> => Object.fromEntries([...tallies].map(([, outcome, n]) => [outcome, n]));
  return { primary, shadow, mirrors, ask, counted };
}

const settle = (): Promise<void> => virtual.time.advanceAsync(0);

test("a copy goes to the other pool as the request goes to its own, and leaves nothing in its record", async () => {
  const { primary, shadow, ask, counted } = scene();
  const fields = ["Host", "example.com", "X-Request-Id", "id-1"];
  const asked = ask({ method: "POST", path: "/a?b", fields, body: new WholeBody(Buffer.from("content")) });
  await settle();
  const copy = shadow.running[0]?.driven.attempt.request;
  expect(copy).toMatchObject({ method: "POST", path: "/a?b", fields });
  expect(copy?.body?.open()).toEqual(Buffer.from("content"));
  primary.running[0]?.driven.head(200).end();
  expect(await asked.told).toBe("200");
  expect(asked.attempts).toMatchObject([{ backend: "127.0.0.1:8000", outcome: "ok" }]);
  shadow.running[0]?.driven.head(503).data("of no use").end();
  await settle();
  expect(counted()).toEqual({ "5xx": 1 });
  expect([primary.pool.balancer.active, shadow.pool.balancer.active]).toEqual([0, 0]);
});

test("retries are not copied once more, and a copy that fails is not retried", async () => {
  const { primary, shadow, ask, counted } = scene();
  const asked = ask();
  await settle();
  primary.running[0]?.driven.fail(coded("ECONNRESET"));
  shadow.running[0]?.driven.fail(coded("ECONNRESET"));
  await settle();
  await virtual.time.advanceAsync(300);
  primary.running[1]?.driven.head(200).end();
  expect(await asked.told).toBe("200");
  expect([primary.running.length, shadow.running.length, counted()]).toEqual([2, 1, { reset: 1 }]);
});

test("one that hangs ends after its time-out, before its head or within its body", async () => {
  const { primary, shadow, ask, counted } = scene();
  for (const index of [0, 1]) {
    const asked = ask();
    await settle();
    primary.running[index]?.driven.head(200).end();
    expect(await asked.told).toBe("200");
  }
  shadow.running[1]?.driven.head(200).data("a");
  await virtual.time.advanceAsync(999);
  expect(counted()).toEqual({});
  await virtual.time.advanceAsync(1);
  expect(counted()).toEqual({ timeout: 2 });
  expect(shadow.pool.balancer.active).toBe(0);
});

test("over the limit nothing is copied until one is over", async () => {
  const { primary, shadow, ask, counted } = scene({ limit: 1 });
  const all = [ask(), ask()];
  await settle();
  expect([shadow.running.length, counted()]).toEqual([1, { busy: 1 }]);
  shadow.running[0]?.driven.head(204).end();
  await settle();
  all.push(ask());
  await settle();
  expect([shadow.running.length, counted()]).toEqual([2, { busy: 1, "2xx": 1 }]);
  shadow.running[1]?.driven.head(404).end();
  for (const { driven } of primary.running) driven.head(200).end();
  expect(await Promise.all(all.map(({ told }) => told))).toEqual(["200", "200", "200"]);
});

test("a share of the requests is copied; others are not worth counting", async () => {
  const draws = [0.09, 0.1, 0.5, 0];
  const { primary, shadow, ask, counted } = scene({ share: 0.1, random: () => draws.shift() ?? 1 });
  for (let i = 0; i < 4; i++) ask();
  await settle();
  for (const { driven } of [...primary.running, ...shadow.running]) driven.head(200).end();
  await settle();
  expect([primary.running.length, shadow.running.length, counted()]).toEqual([4, 2, { "2xx": 2 }]);
});

test("content that is not held whole is not copied", async () => {
  const { primary, shadow, ask, counted } = scene();
  const body = { length: null, replayable: false, bytes: null, open: () => Buffer.from("x") };
  const asked = ask({ body });
  await settle();
  primary.running[0]?.driven.head(200).end();
  expect(await asked.told).toBe("200");
  expect([shadow.running.length, counted()]).toEqual([0, { body: 1 }]);
});

test("an answer without end is broken off, with its connection", async () => {
  const { primary, shadow, ask, counted } = scene();
  ask();
  await settle();
  primary.running[0]?.driven.head(200).end();
  const copy = shadow.running[0]?.driven.head(200);
  await settle();
  const megabyte = "x".repeat(1024 * 1024);
  copy?.data(megabyte);
  expect(copy?.control.aborted).toBeNull();
  copy?.data("x");
  await settle();
  expect([copy?.control.aborted?.name, counted()]).toEqual(["Ended", { "2xx": 1 }]);
});

test("a pool without a usable backend is told, and so is what is broken off at the end; then nothing more is copied", async () => {
  const { primary, shadow, mirrors, ask, counted } = scene();
  ask();
  await settle();
  for (const backend of shadow.pool.balancer.backends) shadow.pool.balancer.setAvailable(backend.id, false);
  ask();
  await settle();
  mirrors.stop();
  await settle();
  ask();
  await settle();
  for (const { driven } of primary.running) driven.head(200).end();
  await settle();
  expect([shadow.running.length, counted()]).toEqual([1, { "no-healthy-backend": 1, stopped: 1 }]);
});
