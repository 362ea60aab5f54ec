import { type AimdLimit, type Choice, CircuitBreaker, WaitQueue } from "@headgate/balancer";
import { FakeScheduler } from "@headgate/testing";
import { Cancellation } from "../../src/cancellation.ts";
import { ClientGone, GatewayError } from "../../src/gateway-error.ts";
import { balance } from "../../src/layers/balance.ts";
import { Gate } from "../../src/upstream/gate.ts";
import type { UpstreamRequest, UpstreamResponse } from "../../src/upstream/upstream-request.ts";
import { aRequest, coded, type DrivenAttempt, PLAIN_RULES, TestPool } from "./support/upstream.ts";

interface Options {
  /** Attempts in flight at most. */
  readonly limit?: number | AimdLimit;
  readonly capacity?: number;
  readonly breaker?: CircuitBreaker;
}

/** Two backends behind a gate; attempts run until the test ends them. */
class Scene {
  readonly time = new FakeScheduler(1000);
  readonly running: DrivenAttempt[] = [];
  readonly pool = new TestPool([8000, 8001], (driven) => void this.running.push(driven.start()));
  readonly gate: Gate;
  readonly #tryOnce;

  constructor({ limit, capacity = 2, breaker }: Options) {
    const clock = { now: this.time.now, tick: this.time.now };
    const { balancer } = this.pool;
    if (limit !== undefined) balancer.setOptions({ limit: typeof limit === "number" ? { limit } : limit });
    const queue = new WaitQueue<Choice>({ capacity, maxWait: 500, schedule: this.time.schedule });
    this.gate = new Gate({ balancer, clock, queue, breaker: breaker ?? null });
    this.pool.rules = { ...PLAIN_RULES, gate: this.gate };
    this.#tryOnce = balance({ clock, random: () => 0 });
  }

  /** Makes an attempt and tells how it ended, or that it has not yet. */
  async ask(changes: Partial<UpstreamRequest> = {}) {
    const seen = { told: "waiting" as string, error: null as unknown };
    this.#tryOnce(aRequest({ pool: this.pool, ...changes }), null).then(
      ({ status }: UpstreamResponse) => {
        seen.told = `${status}`;
      },
      (error: unknown) => {
        seen.error = error;
        seen.told = error instanceof GatewayError ? `${error.code} ${error.fields.join(": ")}` : String(error);
      },
    );
    await this.time.advanceAsync(0);
    return seen;
  }

  /** Ends the oldest running attempt with a status. */
  async answer(status = 200): Promise<void> {
    this.running.shift()?.head(status).end();
    await this.time.advanceAsync(0);
  }
}

describe("at the pool's limit", () => {
  test("requests wait in line, and are served first come, first served as others end", async () => {
    const scene = new Scene({ limit: 1 });
    const [first, second, third] = [await scene.ask(), await scene.ask(), await scene.ask()];
    expect([scene.running.length, scene.gate.waiting]).toEqual([1, 2]);
    await scene.answer(201);
    expect([first.told, second.told, third.told, scene.gate.waiting]).toEqual(["201", "waiting", "waiting", 1]);
    await scene.answer(202);
    await scene.answer(203);
    expect([second.told, third.told, scene.gate.waiting, scene.pool.balancer.active]).toEqual(["202", "203", 0, 0]);
  });

  test("a newcomer does not overtake those who wait", async () => {
    const scene = new Scene({ limit: 1 });
    await scene.ask();
    const waiting = await scene.ask();
    scene.pool.balancer.setOptions({ limit: { limit: 2 } });
    const late = await scene.ask();
    await scene.answer();
    await scene.answer(204);
    expect([waiting.told, late.told]).toEqual(["204", "waiting"]);
    await scene.answer();
    expect(late.told).toBe("200");
  });

  test("one more than may wait gets 503 at once, and one that waits too long", async () => {
    const scene = new Scene({ limit: 1, capacity: 1 });
    await scene.ask();
    const waiting = await scene.ask();
    const refused = await scene.ask();
    expect(refused.told).toBe("pool-busy Retry-After: 1");
    expect(String(refused.error)).toContain("has 1 requests in flight, which is its limit, and no more may wait");
    await scene.time.advanceAsync(500);
    expect(waiting.told).toBe("pool-busy Retry-After: 1");
    expect(String(waiting.error)).toContain("and none ended in time");
    expect(scene.gate.waiting).toBe(0);
  });

  test("nobody waits beyond the time of all tries, or a client that leaves", async () => {
    const scene = new Scene({ limit: 1 });
    await scene.ask();
    const retry = { planNext: () => ({ kind: "give-up", reason: "deadline" }) as const, before: 0, deadline: 1100 };
    const late = await scene.ask({ retry });
    const cancellation = new Cancellation();
    const left = await scene.ask({ cancellation });
    cancellation.cancel(new ClientGone());
    await scene.time.advanceAsync(100);
    expect([late.told, left.told]).toEqual(["pool-busy Retry-After: 1", "ClientGone: the client went away"]);
  });

  test("a pool that has nobody left tells those who wait", async () => {
    const scene = new Scene({ limit: 1 });
    await scene.ask();
    const waiting = await scene.ask();
    for (const { id } of scene.pool.balancer.backends) scene.pool.balancer.setAvailable(id, false);
    scene.gate.wake();
    await scene.time.advanceAsync(0);
    expect(waiting.told).toBe("no-healthy-backend Retry-After: 1");
  });

  test("the first checks of a pool are waited for, and then a place in line", async () => {
    const scene = new Scene({ limit: 1 });
    const { balancer } = scene.pool;
    const [one, other] = balancer.backends.map(({ id }) => id);
    if (one === undefined || other === undefined) throw new Error("two backends were expected");
    for (const id of [one, other]) {
      balancer.remove(id);
      balancer.add({ id, url: `http://${id}` });
    }
    const checked = Promise.withResolvers<void>();
    scene.pool.settled = checked.promise;
    const [first, second] = [await scene.ask(), await scene.ask()];
    expect([scene.pool.waits, scene.running.length]).toEqual([2, 0]);
    balancer.setAvailable(one, true);
    checked.resolve();
    await scene.time.advanceAsync(0);
    expect([scene.running.length, scene.gate.waiting]).toEqual([1, 1]);
    await scene.answer();
    await scene.answer();
    expect([first.told, second.told]).toEqual(["200", "200"]);
  });
});

describe("the circuit breaker", () => {
  const breaker = () => new CircuitBreaker({ minimum: 2, probes: 1, openFor: 3000 });

  async function opened(): Promise<Scene> {
    const scene = new Scene({ breaker: breaker() });
    for (let i = 0; i < 2; i++) await scene.ask();
    await scene.answer(500);
    scene.running.shift()?.fail(coded("ECONNRESET"));
    await scene.time.advanceAsync(0);
    return scene;
  }

  test("opens when most attempts fail: 503 at once, until it may be asked again", async () => {
    const scene = await opened();
    expect(scene.gate.breaker).toBe("open");
    const refused = await scene.ask();
    expect(refused.told).toBe("circuit-open Retry-After: 3");
    expect([scene.running.length, scene.pool.balancer.active]).toEqual([0, 0]);
  });

  test("lets a probe through when its time is over, and closes when that is good", async () => {
    const scene = await opened();
    await scene.time.advanceAsync(3000);
    const probe = await scene.ask();
    const other = await scene.ask();
    expect([scene.gate.breaker, other.told]).toEqual(["half-open", "circuit-open Retry-After: 1"]);
    await scene.answer();
    expect([probe.told, scene.gate.breaker]).toEqual(["200", "closed"]);
  });

  test("learns nothing from a client that leaves, nor from one for whom there is no backend", async () => {
    const scene = await opened();
    await scene.time.advanceAsync(3000);
    const cancellation = new Cancellation();
    await scene.ask({ cancellation });
    cancellation.cancel(new ClientGone());
    for (const { id } of scene.pool.balancer.backends) scene.pool.balancer.setAvailable(id, false);
    expect((await scene.ask()).told).toBe("no-healthy-backend Retry-After: 1");
    expect((await scene.ask()).told).toBe("no-healthy-backend Retry-After: 1");
    expect(scene.gate.breaker).toBe("half-open");
  });
});

test("what says that a backend has too much to do is told apart from other failures", async () => {
  const scene = new Scene({ limit: 10 });
  const told: unknown[] = [];
  const release = scene.pool.balancer.release.bind(scene.pool.balancer);
  scene.pool.balancer.release = (backend, outcome) => {
    told.push(outcome?.overloaded);
    release(backend, outcome);
  };
  for (const status of [200, 500, 503, 429]) {
    await scene.ask();
    await scene.answer(status);
  }
  for (const code of ["ECONNRESET", "UPSTREAM_HEAD_TIMEOUT"]) {
    await scene.ask();
    scene.running.shift()?.fail(coded(code));
  }
  expect(told).toEqual([false, false, true, true, false, true]);
});
