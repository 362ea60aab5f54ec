import { FakeBackends } from "./fake-backends.ts";

function gaps(starts: readonly number[]): number[] {
  return starts.slice(1).map((start, index) => start - (starts[index] ?? 0));
}

describe("the first check", () => {
  test("is made at once and settles the state", async () => {
    const fake = new FakeBackends();
    fake.answers.set("b", "refused");
    fake.checker.add("a");
    fake.checker.add("b");
    expect(fake.checker.settled("a")).toBe(false);
    expect(fake.checker.snapshot("a")?.state).toBe("NOT_INITIATED");
    let settled = false;
    const waiting = fake.checker.whenSettled().then(() => {
      settled = true;
    });
    await fake.time.advanceAsync(4);
    expect(settled).toBe(false);
    await fake.time.advanceAsync(2);
    await waiting;
    expect(fake.log).toEqual(["a HEALTHY: status 200", "b UNREACHABLE: connection refused"]);
    expect(fake.checker.snapshot("b")).toMatchObject({ state: "UNREACHABLE", failures: 1 });
    await fake.checker.whenSettled();
  });

  test("nobody waits for a backend that leaves, or for a checker that stops", async () => {
    const fake = new FakeBackends();
    fake.answers.set("a", "hangs");
    fake.checker.add("a");
    const first = fake.checker.whenSettled();
    fake.checker.remove("a");
    await first;
    fake.checker.add("a");
    const second = fake.checker.whenSettled();
    fake.checker.stop();
    await second;
    expect(fake.time.pending).toBe(0);
  });
});

describe("intervals", () => {
  test("are jittered by a tenth and never overlap", async () => {
    const fake = new FakeBackends();
    fake.checker.add("a");
    await fake.time.advanceAsync(60_000);
    const later = gaps(fake.startsOf("a")).slice(1);
    expect(later.length).toBeGreaterThan(50);
    for (const gap of later) {
      expect(gap).toBeGreaterThanOrEqual(900);
      expect(gap).toBeLessThanOrEqual(1100);
    }
    expect(new Set(later.map(Math.round)).size).toBeGreaterThan(20);
    expect(fake.mostActive).toBe(1);
  });

  test("are shorter while the next result may change the state", async () => {
    const fake = new FakeBackends({ transitionInterval: 300, jitter: 0 });
    fake.checker.add("a");
    await fake.time.advanceAsync(10_000);
    fake.answers.set("a", 503);
    const before = fake.startsOf("a").length;
    await fake.time.advanceAsync(2000);
    expect(gaps(fake.startsOf("a")).slice(before, before + 3)).toEqual([300, 300]);
    await fake.time.advanceAsync(5000);
    expect(new Set(gaps(fake.startsOf("a")).slice(before + 2))).toEqual(new Set([1000]));
    expect(fake.log.at(-1)).toBe("a UNREACHABLE: status 503 (3 in a row)");
  });

  test("a slow probe delays the next one instead of meeting it", async () => {
    const fake = new FakeBackends({ timeout: 3000, jitter: 0 });
    fake.latency = 2500;
    fake.checker.add("a");
    await fake.time.advanceAsync(20_000);
    expect(new Set(gaps(fake.startsOf("a")))).toEqual(new Set([2500]));
    expect(fake.mostActive).toBe(1);
  });
});

describe("a probe that", () => {
  test("outlives its time-out is aborted and counts as failure", async () => {
    const fake = new FakeBackends({ timeout: 400 });
    fake.answers.set("a", "hangs");
    fake.checker.add("a");
    await fake.time.advanceAsync(401);
    expect(fake.aborted).toBe(1);
    expect(fake.checker.snapshot("a")?.probes).toEqual([
      { ok: false, reason: "no answer within 400 ms", latency: 400, at: 1_000_400 },
    ]);
  });

  test("rejects counts as failure with the error's text", async () => {
    const fake = new FakeBackends();
    fake.answers.set("a", "throws");
    fake.checker.add("a");
    await fake.time.advanceAsync(6);
    expect(fake.log).toEqual(["a UNREACHABLE: no route to host"]);
  });

  test("throws at once, and something that is no error, counts as failure", async () => {
    const fake = new FakeBackends(
      {},
      {
        probe: () => {
          throw "broken";
        },
      },
    );
    fake.checker.add("a");
    await fake.time.advanceAsync(6);
    expect(fake.log).toEqual(["a UNREACHABLE: broken"]);
  });

  test("ends after the backend left is ignored, also when it was added again", async () => {
    const fake = new FakeBackends();
    fake.checker.add("a");
    await fake.time.advanceAsync(2);
    fake.checker.remove("a");
    fake.checker.add("a");
    await fake.time.advanceAsync(4);
    expect(fake.log).toEqual([]);
    await fake.time.advanceAsync(2);
    expect(fake.log).toEqual(["a HEALTHY: status 200"]);
    expect(fake.checker.snapshot("a")?.probes).toHaveLength(1);
  });
});

test("a backend that dies and returns: three failures, one success, within two intervals", async () => {
  const fake = new FakeBackends();
  fake.checker.add("a");
  await fake.time.advanceAsync(5000);
  fake.answers.set("a", 503);
  await fake.time.advanceAsync(4000);
  expect(fake.log).toEqual(["a HEALTHY: status 200", "a UNREACHABLE: status 503 (3 in a row)"]);
  fake.answers.set("a", 200);
  await fake.time.advanceAsync(1200);
  expect(fake.log.at(-1)).toBe("a HEALTHY: status 200");
});

describe("a refused connection", () => {
  test("ejects until the next good probe, which comes soon; the state follows the thresholds", async () => {
    const fake = new FakeBackends({ jitter: 0 });
    fake.checker.add("a");
    await fake.time.advanceAsync(5000);
    fake.answers.set("a", "refused");
    const before = fake.startsOf("a").length;
    fake.checker.reportRefused("a");
    fake.checker.reportRefused("a");
    expect(fake.checker.ejected("a")).toBe(true);
    expect(fake.checker.snapshot("a")?.state).toBe("HEALTHY");
    await fake.time.advanceAsync(210);
    expect(fake.startsOf("a").length).toBe(before + 1);
    expect(fake.checker.snapshot("a")).toMatchObject({ state: "HEALTHY", failures: 1 });
    fake.answers.set("a", 200);
    await fake.time.advanceAsync(1010);
    expect(fake.checker.ejected("a")).toBe(false);
    expect(fake.log).toEqual(["a HEALTHY: status 200", "a ejected", "a readmitted"]);
  });

  test("during a probe is not lifted by that probe but by the one after, which comes soon", async () => {
    const fake = new FakeBackends({ jitter: 0 });
    fake.checker.add("a");
    await fake.time.advanceAsync(2);
    fake.checker.reportRefused("a");
    await fake.time.advanceAsync(4);
    expect(fake.checker.snapshot("a")?.state).toBe("HEALTHY");
    expect(fake.checker.ejected("a")).toBe(true);
    await fake.time.advanceAsync(200);
    expect(fake.checker.ejected("a")).toBe(false);
    expect(fake.startsOf("a")).toEqual([0, 200]);
  });

  test("again and again does not make probes come faster than a fifth of the interval", async () => {
    const fake = new FakeBackends();
    fake.checker.add("a");
    for (let step = 0; step < 1000; step++) {
      await fake.time.advanceAsync(10);
      fake.checker.reportRefused("a");
    }
    expect(Math.min(...gaps(fake.startsOf("a")))).toBeGreaterThanOrEqual(200);
  });
});

test("what outlier detection ejects stays so until it is readmitted, whatever the probes say", async () => {
  const fake = new FakeBackends();
  fake.checker.add("a");
  await fake.time.advanceAsync(10);
  fake.checker.eject("a");
  fake.checker.reportRefused("a");
  await fake.time.advanceAsync(5000);
  expect(fake.checker.ejected("a")).toBe(true);
  fake.checker.readmit("a");
  fake.checker.readmit("a");
  expect(fake.checker.ejected("a")).toBe(false);
  expect(fake.log).toEqual(["a HEALTHY: status 200", "a ejected", "a readmitted"]);
});

describe("health survives", () => {
  test("adding a backend that is known", async () => {
    const fake = new FakeBackends();
    fake.checker.add("a");
    await fake.time.advanceAsync(1500);
    const before = fake.checker.snapshot("a");
    fake.checker.add("a");
    expect(fake.checker.snapshot("a")).toBe(before);
  });

  test("a reload: another checker goes on from the export, settled", async () => {
    const fake = new FakeBackends();
    fake.checker.add("a");
    fake.checker.add("b");
    await fake.time.advanceAsync(10);
    const records = fake.checker.export();
    fake.checker.stop();
    const next = new FakeBackends();
    for (const [id, record] of records) next.checker.add(id, record);
    next.checker.add("c");
    expect(["a", "b", "c"].map((id) => next.checker.settled(id))).toEqual([true, true, false]);
    expect(next.checker.snapshot("a")).toBe(records.get("a"));
    await next.time.advanceAsync(1100);
    expect(next.log).toEqual(["c HEALTHY: status 200"]);
    expect(next.startsOf("a")).toHaveLength(1);
  });
});

test("words about unknown backends change nothing", () => {
  const fake = new FakeBackends();
  fake.checker.reportRefused("x");
  fake.checker.eject("x");
  fake.checker.readmit("x");
  fake.checker.remove("x");
  expect([fake.checker.ejected("x"), fake.checker.settled("x"), fake.checker.snapshot("x")]).toEqual([
    false,
    false,
    undefined,
  ]);
});

test("stop leaves no timer and aborts what runs", async () => {
  const fake = new FakeBackends();
  fake.answers.set("a", "hangs");
  fake.checker.add("a");
  fake.checker.add("b");
  await fake.time.advanceAsync(10);
  fake.checker.stop();
  expect(fake.time.pending).toBe(0);
  expect(fake.aborted).toBe(1);
});
