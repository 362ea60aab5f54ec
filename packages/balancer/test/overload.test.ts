import { FakeScheduler, forAll } from "@headgate/testing";
import * as fc from "fast-check";
import { AimdLimit } from "../src/overload/aimd-limit.ts";
import type { ConcurrencyLimit } from "../src/overload/concurrency-limit.ts";
import { GradientLimit } from "../src/overload/gradient-limit.ts";
import { WaitQueue } from "../src/overload/wait-queue.ts";
import { RoundRobin } from "../src/policies/round-robin.ts";
import { backendOf, context, poolOf } from "./helpers.ts";

describe("WaitQueue", () => {
  function queueOf(capacity = 10): { time: FakeScheduler; queue: WaitQueue<number>; room: { left: number } } {
    const time = new FakeScheduler();
    return {
      time,
      queue: new WaitQueue<number>({ capacity, maxWait: 100, schedule: time.schedule }),
      room: { left: 0 },
    };
  }

  test("serves first come, first served, as far as there is room", async () => {
    const { queue, room, time } = queueOf();
    const served: number[] = [];
    const waits = [0, 1, 2].map((who) =>
      queue
        .enter(() => (room.left-- > 0 ? who : undefined))
        .then((result) => {
          if (result.kind === "ready") served.push(result.value);
        }),
    );
    expect(queue.length).toBe(3);
    room.left = 2;
    queue.wake();
    await Promise.all(waits.slice(0, 2));
    expect([served, queue.length]).toEqual([[0, 1], 1]);
    room.left = 1;
    queue.wake();
    await waits[2];
    expect([served, queue.length, time.pending]).toEqual([[0, 1, 2], 0, 0]);
  });

  test("refuses when full, at its deadline, and when the client leaves; each frees its place", async () => {
    const { queue, time } = queueOf(2);
    const leaving = new AbortController();
    const first = queue.enter(() => undefined);
    const second = queue.enter(() => undefined, leaving.signal);
    expect(await queue.enter(() => 1)).toEqual({ kind: "refused", reason: "queue-full" });
    leaving.abort();
    expect(await second).toEqual({ kind: "refused", reason: "cancelled" });
    expect(await queue.enter(() => 1, leaving.signal)).toEqual({ kind: "refused", reason: "cancelled" });
    time.advance(100);
    expect(await first).toEqual({ kind: "refused", reason: "queue-timeout" });
    expect([queue.length, time.pending]).toEqual([0, 0]);
  });

  test("an exchange with less time left waits no longer than that, one with more no longer than the queue's", async () => {
    const { queue, time } = queueOf();
    const ended: string[] = [];
    const waits = [30, 1000].map((ms) => queue.enter(() => undefined, undefined, ms).then(() => ended.push(`${ms}`)));
    await time.advanceAsync(30);
    await waits[0];
    expect(ended).toEqual(["30"]);
    await time.advanceAsync(70);
    await waits[1];
    expect(ended).toEqual(["30", "1000"]);
  });

  test("with a pool's limit: as many run as may, and all come through in order", async () => {
    const { queue } = queueOf(100);
    const pool = poolOf(new RoundRobin(), ["a", "b"], { limit: { limit: 3 } });
    const order: number[] = [];
    const runs = Array.from({ length: 20 }, async (_, who) => {
      const result = await queue.enter(() => {
        const choice = pool.choose(context());
        return choice.kind === "chosen" ? who : undefined;
      });
      order.push(who);
      expect(result.kind).toBe("ready");
      expect(pool.active).toBeLessThanOrEqual(3);
    });
    queue.wake();
    while (order.length < 20) {
      await Promise.resolve();
      const busy = pool.backends.find(({ active }) => active > 0);
      if (busy !== undefined) pool.release(busy);
      queue.wake();
    }
    await Promise.all(runs);
    expect(order).toEqual(Array.from({ length: 20 }, (_, who) => who));
  });
});

describe("AIMD", () => {
  test("adds one while half of it is in use, and gives a tenth up at a drop", () => {
    const limit = new AimdLimit({ initial: 100 });
    limit.sample({ latency: 5, active: 50, dropped: false, now: 10 });
    expect(limit.limit).toBe(101);
    limit.sample({ latency: 5, active: 10, dropped: false, now: 20 });
    expect(limit.limit).toBe(101);
    limit.sample({ latency: 5, active: 100, dropped: true, now: 30 });
    expect(limit.limit).toBe(90);
  });

  test("drops of attempts that began before the last drop was seen count once", () => {
    const limit = new AimdLimit({ initial: 100 });
    for (const now of [1000, 1010, 1500, 1999]) limit.sample({ latency: 1000, active: 100, dropped: true, now });
    expect(limit.limit).toBe(90);
    limit.sample({ latency: 1000, active: 100, dropped: true, now: 2000 });
    expect(limit.limit).toBe(81);
  });

  test("a latency above the threshold counts as a drop", () => {
    const limit = new AimdLimit({ initial: 10, latency: 100, backoff: 0.5 });
    limit.sample({ latency: 101, active: 10, dropped: false, now: 0 });
    expect(limit.limit).toBe(5);
  });
});

/** Runs a limit for some seconds at `active` in flight with a latency by it, from `from` on; when it ended, ms. */
function drive(
  limit: ConcurrencyLimit,
  seconds: number,
  from: number,
  active: () => number,
  latency: (active: number) => number,
): number {
  let now = from;
  while (now < from + seconds * 1000) {
    const inFlight = active();
    const took = latency(inFlight);
    now += took / inFlight;
    limit.sample?.({ latency: took, active: inFlight, dropped: false, now });
  }
  return now;
}

describe("gradient", () => {
  test.each([20, 50])("a backend that serves %d at once: finds that within its tolerance", (capacity) => {
    const limit = new GradientLimit({ initial: 10 });
    const latency = (active: number): number => 10 * Math.max(1, active / capacity);
    const now = drive(limit, 20, 0, () => 5, latency);
    drive(limit, 60, now, () => limit.limit, latency);
    expect(limit.limit).toBeGreaterThan(capacity);
    expect(limit.limit).toBeLessThan(3 * capacity);
  });

  test("stays where it is while little of it is in use, and falls at drops, once a window", () => {
    const limit = new GradientLimit({ initial: 100 });
    const now = drive(
      limit,
      2,
      0,
      () => 20,
      () => 10,
    );
    expect(limit.limit).toBe(100);
    for (let i = 1; i <= 600; i++) limit.sample({ latency: 10, active: 20, dropped: true, now: now + i });
    expect(limit.limit).toBeLessThanOrEqual(81);
    expect(limit.limit).toBeGreaterThan(70);
  });

  test("a long slow time is forgotten faster than it was learnt", () => {
    const limit = new GradientLimit({ max: 150 });
    const slow = drive(
      limit,
      200,
      0,
      () => 20,
      () => 1000,
    );
    const fast = drive(
      limit,
      30,
      slow,
      () => 100,
      () => 10,
    );
    const before = limit.limit;
    drive(
      limit,
      1,
      fast,
      () => 100,
      () => 100,
    );
    expect(limit.limit).toBeLessThan(before);
  });
});

test("every adaptive limit stays within its bounds", () => {
  const sample = fc.record({ latency: fc.nat(5000), active: fc.nat(3000), dropped: fc.boolean() });
  forAll(fc.array(sample, { maxLength: 200 }), (samples) => {
    for (const limit of [new AimdLimit({ min: 5, max: 50 }), new GradientLimit({ min: 5, max: 50 })]) {
      for (const [index, each] of samples.entries()) {
        limit.sample({ ...each, now: index * 100 });
        expect(limit.limit).toBeGreaterThanOrEqual(5);
        expect(limit.limit).toBeLessThanOrEqual(50);
      }
    }
  });
});

test("a pool follows its adaptive limit", () => {
  const pool = poolOf(new RoundRobin(), ["a"], { limit: new AimdLimit({ initial: 4, min: 1 }) });
  const running = [1, 2, 3, 4].map(() => backendOf(pool.choose(context())));
  expect(pool.choose(context())).toEqual({ kind: "none", reason: "limits" });
  running.slice(0, 2).forEach((backend, index) => {
    pool.release(backend, { latency: 5, failed: true, now: index * 100 });
  });
  expect(pool.choose(context())).toEqual({ kind: "none", reason: "limits" });
  for (const backend of running.slice(2)) {
    pool.release(backend, { latency: 5, failed: true, overloaded: false, now: 0 });
  }
  expect([1, 2, 3].map(() => pool.choose(context()).kind)).toEqual(["chosen", "chosen", "chosen"]);
});
