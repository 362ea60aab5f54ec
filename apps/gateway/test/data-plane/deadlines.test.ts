import type { BodySource } from "../../src/body.ts";
import { AttemptError } from "../../src/upstream/attempt-error.ts";
import { evacuate } from "../../src/upstream/evacuate.ts";
import type { UpstreamRequest } from "../../src/upstream/upstream-request.ts";
import { Exchanges } from "./support/pool-exchanges.ts";
import { coded } from "./support/upstream.ts";
import { virtualTimers } from "./support/virtual-timers.ts";

const virtual = virtualTimers();

describe("the time of one try", () => {
  test("is over without a head: another backend is tried, and the record says why", async () => {
    const scene = new Exchanges(virtual.time, { perTry: 100 });
    const asked = scene.ask();
    await virtual.time.advanceAsync(99);
    expect(scene.running).toHaveLength(1);
    await virtual.time.advanceAsync(1 + 50);
    expect(scene.running.map(({ id }) => id)).toEqual(["127.0.0.1:8000", "127.0.0.1:8001"]);
    scene.running[1]?.driven.head(200).end();
    expect(await asked.told).toBe("200");
    expect(asked.attempts).toMatchObject([
      { outcome: "per-try-timeout", retry: "backoff" },
      { outcome: "ok", status: 200 },
    ]);
    expect(scene.pool.ended).toEqual([
      ["127.0.0.1:8000", null, 100],
      ["127.0.0.1:8001", 200, 25],
    ]);
  });

  test("ends a POST that was sent, and is told apart from a backend's own time", async () => {
    const scene = new Exchanges(virtual.time, { perTry: 100 });
    const asked = scene.ask({ method: "POST" });
    await virtual.time.advanceAsync(100);
    expect(await asked.told).toBe("per-try-timeout");
    expect(asked.attempts).toMatchObject([{ retry: "not-idempotent" }]);
  });

  test("sends a POST elsewhere that still waited for a connection", async () => {
    const scene = new Exchanges(virtual.time, { perTry: 100 });
    scene.connects = false;
    const asked = scene.ask({ method: "POST" });
    await virtual.time.advanceAsync(100 + 50);
    expect(scene.running).toHaveLength(2);
    // What connects too late is not sent.
    const [late] = scene.running;
    late?.driven.start();
    expect(late?.driven.control.aborted).toBeInstanceOf(AttemptError);
    scene.running[1]?.driven.start().head(200).end();
    expect(await asked.told).toBe("200");
  });

  test("is not that of the body", async () => {
    const scene = new Exchanges(virtual.time, { perTry: 100, total: 200 });
    const asked = scene.ask();
    scene.running[0]?.driven.head(200).data("a");
    await virtual.time.advanceAsync(1000);
    scene.running[0]?.driven.end();
    expect(await asked.told).toBe("200");
  });
});

describe("the time of all tries", () => {
  test("ends the one that runs, and no other is made", async () => {
    const scene = new Exchanges(virtual.time, { perTry: 100, total: 180 });
    const asked = scene.ask();
    await virtual.time.advanceAsync(180);
    expect(await asked.told).toBe("total-timeout");
    expect(asked.attempts).toMatchObject([
      { outcome: "per-try-timeout", retry: "backoff" },
      { outcome: "total-timeout", retry: "deadline" },
    ]);
  });

  test("is not waited for where it leaves none", async () => {
    const scene = new Exchanges(virtual.time, { total: 20 });
    const asked = scene.ask();
    scene.running[0]?.driven.fail(coded("ECONNRESET"));
    expect(await asked.told).toBe("reset");
    expect(asked.attempts).toMatchObject([{ retry: "deadline" }]);
  });
});

describe("a status that is retried", () => {
  const on = (...statuses: number[]) => ({ retryStatuses: new Set(statuses) });

  test("leads to another backend, and the answer is let go", async () => {
    const scene = new Exchanges(virtual.time, on(503));
    const asked = scene.ask();
    scene.running[0]?.driven.head(503).data("busy").end();
    await virtual.time.advanceAsync(50);
    scene.running[1]?.driven.head(200).end();
    expect(await asked.told).toBe("200");
    expect(asked.attempts).toMatchObject([{ outcome: "status", status: 503, retry: "backoff" }, { outcome: "ok" }]);
    expect(scene.pool.ended.map(([, status]) => status)).toEqual([503, 200]);
    expect(scene.pool.balancer.active).toBe(0);
  });

  test("a small body that is still coming is read away, a large one cut off", async () => {
    const scene = new Exchanges(virtual.time, on(503));
    const asked = scene.ask();
    const { driven: small } = scene.running[0] ?? { driven: null };
    small?.head(503).data("b");
    await virtual.time.advanceAsync(50);
    small?.data("usy").end();
    const { driven: large } = scene.running[1] ?? { driven: null };
    large?.head(503).data("b");
    await virtual.time.advanceAsync(50);
    large?.data("x".repeat(70_000));
    expect([small?.control.aborted, large?.control.aborted?.message]).toEqual([
      null,
      "status at 127.0.0.1:8001 (status 503)",
    ]);
    scene.running[2]?.driven.head(200).end();
    expect(await asked.told).toBe("200");
    expect(asked.attempts.map(({ outcome }) => outcome)).toEqual(["status", "status", "ok"]);
    expect(scene.pool.ended.map(([, status]) => status)).toEqual([503, 503, 200]);
  });

  test("is the client's where no more attempts are left, or none is allowed", async () => {
    const scene = new Exchanges(virtual.time, on(500, 503));
    const asked = scene.ask();
    for (let attempt = 0; attempt < 3; attempt++) {
      scene.running[attempt]?.driven.head(500).end();
      await virtual.time.advanceAsync(300);
    }
    expect(await asked.told).toBe("500");
    expect(asked.attempts.map(({ retry }) => retry)).toEqual(["backoff", "backoff", "no-attempts-left"]);
    const post = scene.ask({ method: "POST" });
    scene.running[3]?.driven.head(503).end();
    expect(await post.told).toBe("503");
    expect(post.attempts).toMatchObject([{ outcome: "ok", retry: "not-idempotent" }]);
  });

  test.each<[string, string, number | null]>([
    ["0", "backoff", 50],
    ["1", "retry-after", 1000],
    ["2", "retry-after-too-long", null],
    ["Thu, 01 Jan 1970 00:00:01 GMT", "retry-after", 1000],
    ["soon", "backoff", 50],
  ])("Retry-After: %s is %s", async (value, reason, delay) => {
    const scene = new Exchanges(virtual.time, on(429));
    const asked = scene.ask();
    scene.running[0]?.driven.head(429, "Retry-After", value).end();
    await virtual.time.advanceAsync(delay ?? 0);
    expect(asked.attempts[0]?.retry).toBe(reason);
    expect(scene.running).toHaveLength(delay === null ? 1 : 2);
    scene.running[1]?.driven.head(200).end();
    expect(await asked.told).toBe(delay === null ? "429" : "200");
  });

  test("other statuses are answers like any", async () => {
    const scene = new Exchanges(virtual.time, on(503));
    const asked = scene.ask();
    scene.running[0]?.driven.head(500).end();
    expect(await asked.told).toBe("500");
    expect(asked.attempts).toMatchObject([{ outcome: "ok", retry: null }]);
  });
});

test("with an Idempotency-Key that its route trusts a POST is retried", async () => {
  const scene = new Exchanges(virtual.time, {});
  const asked = scene.ask({ method: "POST", idempotencyKey: true });
  scene.running[0]?.driven.fail(coded("ECONNRESET"));
  await virtual.time.advanceAsync(50);
  scene.running[1]?.driven.head(201).end();
  expect(await asked.told).toBe("201");
});

test("only the failures that the pool names are retried", async () => {
  const scene = new Exchanges(virtual.time, { retryOn: new Set(["refused"]) });
  const asked = scene.ask();
  scene.running[0]?.driven.fail(coded("ECONNRESET"));
  expect(await asked.told).toBe("reset");
  expect(asked.attempts).toMatchObject([{ retry: "failure-not-retried" }]);
});

describe("a backend that is found UNREACHABLE", () => {
  const evacuated = (scene: Exchanges): void => {
    const [backend] = scene.pool.balancer.backends;
    if (backend !== undefined) evacuate(scene.pool, scene.pool.connectionsOf(backend));
  };
  const sent = { read: "never" } as unknown as BodySource;

  test("loses those that wait for its head to others, at once", async () => {
    const scene = new Exchanges(virtual.time, {});
    const asked = scene.ask();
    evacuated(scene);
    await virtual.time.advanceAsync(0);
    expect(scene.running.map(({ id }) => id)).toEqual(["127.0.0.1:8000", "127.0.0.1:8001"]);
    expect(scene.running[0]?.driven.control.aborted).toBeInstanceOf(AttemptError);
    scene.running[1]?.driven.head(200).end();
    expect(await asked.told).toBe("200");
    expect(asked.attempts).toMatchObject([{ outcome: "unreachable", retry: "failover" }, { outcome: "ok" }]);
  });

  test.each<[string, Partial<UpstreamRequest>, (scene: Exchanges) => void]>([
    ["a POST, which may have been run", { method: "POST" }, () => undefined],
    [
      "one whose body cannot be sent again",
      { body: { length: null, replayable: false, bytes: null, open: () => sent } },
      () => undefined,
    ],
    ["one without budget", {}, (scene) => scene.spendBudget()],
    ["one without retries", {}, (scene) => Object.assign(scene.pool, { retries: 0 })],
  ])("keeps %s, and may still answer", async (_name, changes, prepare) => {
    const scene = new Exchanges(virtual.time, {});
    prepare(scene);
    const asked = scene.ask(changes);
    evacuated(scene);
    await virtual.time.advanceAsync(100);
    expect(scene.running).toHaveLength(1);
    scene.running[0]?.driven.head(200).end();
    expect(await asked.told).toBe("200");
  });

  test("keeps those on connections that it had before", async () => {
    const scene = new Exchanges(virtual.time, {});
    const asked = scene.ask();
    const [, another] = scene.pool.balancer.backends;
    // Since then it has got others, which alone the checks are about.
    if (another !== undefined) evacuate(scene.pool, scene.pool.connectionsOf(another));
    await virtual.time.advanceAsync(100);
    expect(scene.running).toHaveLength(1);
    scene.running[0]?.driven.head(200).end();
    expect([await asked.told, scene.pool.waiting.entries]).toEqual(["200", []]);
  });

  test("keeps those whose head is here", async () => {
    const scene = new Exchanges(virtual.time, {});
    const asked = scene.ask();
    scene.running[0]?.driven.head(200).data("a");
    evacuated(scene);
    scene.running[0]?.driven.end();
    expect([await asked.told, scene.running.length]).toEqual(["200", 1]);
  });
});
