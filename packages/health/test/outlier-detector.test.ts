import { FakeScheduler, forAll } from "@headgate/testing";
import * as fc from "fast-check";
import { OutlierDetector, type OutlierOptions } from "../src/outlier/outlier-detector.ts";

interface Fake {
  readonly time: FakeScheduler;
  readonly log: string[];
  readonly down: Set<string>;
  readonly detector: OutlierDetector;
}

function watch(count: number, options: OutlierOptions = {}): Fake {
  const time = new FakeScheduler(50_000);
  const log: string[] = [];
  const down = new Set<string>();
  const detector = new OutlierDetector({
    schedule: time.schedule,
    now: time.now,
    options,
    usable: (id) => !down.has(id),
    onEjected: (id, { reason, at, until, times }) => log.push(`${id} out ${reason} ${(until - at) / 1000} s #${times}`),
    onReadmitted: (id, reason) => log.push(`${id} in by ${reason}`),
  });
  for (let index = 0; index < count; index++) detector.add(`b${index}`);
  return { time, log, down, detector };
}

function fail({ detector }: Fake, id: string, times = 5, status: number | null = null): void {
  for (let index = 0; index < times; index++) detector.record(id, status, 1);
}

test("five gateway faults in a row eject for thirty seconds", () => {
  const fake = watch(4);
  fail(fake, "b0", 4);
  fake.detector.record("b0", 200, 1);
  fail(fake, "b0", 4, 503);
  expect(fake.log).toEqual([]);
  fail(fake, "b0", 1);
  expect(fake.detector.ejection("b0")).toEqual({ reason: "consecutive-faults", at: 50_000, until: 80_000, times: 1 });
  fake.time.advance(29_999);
  expect(fake.log).toHaveLength(1);
  fake.time.advance(1);
  expect(fake.log).toEqual(["b0 out consecutive-faults 30 s #1", "b0 in by time"]);
  expect(fake.detector.ejection("b0")).toBeNull();
});

test("5xx answers eject only by choice", () => {
  const off = watch(4);
  fail(off, "b0", 50, 500);
  expect(off.log).toEqual([]);
  const on = watch(4, { consecutive5xx: 3, consecutiveFaults: null });
  fail(on, "b0", 3, 500);
  expect(on.log).toEqual(["b0 out consecutive-5xx 30 s #1"]);
});

test("ejections grow while the faults come back, up to the longest, and shrink with good time", () => {
  const fake = watch(4, { longest: 70_000 });
  const lengths: number[] = [];
  for (let round = 0; round < 4; round++) {
    fail(fake, "b0");
    const { at = 0, until = 0 } = fake.detector.ejection("b0") ?? {};
    lengths.push((until - at) / 1000);
    fake.time.advance(until - at);
  }
  expect(lengths).toEqual([30, 60, 70, 70]);
  fake.time.advance(30_000);
  fail(fake, "b0");
  expect(fake.detector.ejection("b0")?.times).toBe(2);
});

describe("a good check", () => {
  const good = (at: number) => ({ ok: true, status: 200, latency: 5, at }) as const;

  test("that began after it lifts a first ejection", () => {
    const fake = watch(4);
    fail(fake, "b0");
    fake.detector.checked("b0", good(50_004));
    fake.detector.checked("b0", { ok: false, reason: "status 503", latency: 5, at: 51_000 });
    expect(fake.log).toHaveLength(1);
    fake.detector.checked("b0", good(50_005));
    expect(fake.log.at(-1)).toBe("b0 in by check");
    fake.time.advance(60_000);
    expect(fake.log).toHaveLength(2);
  });

  test("does not lift a second one: then time decides", () => {
    const fake = watch(4);
    fail(fake, "b0");
    fake.detector.checked("b0", good(51_000));
    fail(fake, "b0");
    fake.detector.checked("b0", good(52_000));
    expect(fake.log).toEqual([
      "b0 out consecutive-faults 30 s #1",
      "b0 in by check",
      "b0 out consecutive-faults 60 s #2",
    ]);
  });

  test("of one that is not ejected changes nothing", () => {
    const fake = watch(1);
    fake.detector.checked("b0", good(51_000));
    fake.detector.checked("x", good(51_000));
    expect(fake.log).toEqual([]);
  });
});

describe("the bound", () => {
  test("one of four at most, by default", () => {
    const fake = watch(4);
    for (const id of ["b0", "b1", "b2"]) fail(fake, id, 20);
    expect(fake.log).toEqual(["b0 out consecutive-faults 30 s #1"]);
  });

  test("never the last that is usable", () => {
    const alone = watch(1);
    fail(alone, "b0", 20);
    expect(alone.log).toEqual([]);
    const fake = watch(3);
    fake.down.add("b1").add("b2");
    fail(fake, "b0", 20);
    expect(fake.log).toEqual([]);
    fake.down.delete("b1");
    fail(fake, "b0", 1);
    expect(fake.log).toHaveLength(1);
  });

  test("one that leaves makes room", () => {
    const fake = watch(4);
    fail(fake, "b0");
    fake.detector.remove("b0");
    fail(fake, "b1");
    expect(fake.log).toEqual(["b0 out consecutive-faults 30 s #1", "b1 out consecutive-faults 30 s #1"]);
    fake.time.advance(30_000);
    expect(fake.log.at(-1)).toBe("b1 in by time");
  });

  test("no more than its share is ever out, whatever happens", () => {
    const event = fc.tuple(fc.nat(19), fc.constantFrom(null, 200, 500, 503), fc.nat(3000));
    forAll(fc.array(event, { maxLength: 300 }), fc.constantFrom(0, 0.1, 0.3, 1), (events, maxEjected) => {
      const { detector, time } = watch(20, { maxEjected, consecutiveFaults: 2, consecutive5xx: 2 });
      for (const [backend, status, gap] of events) {
        detector.record(`b${backend}`, status, 1);
        const out = Array.from({ length: 20 }, (_, index) => detector.ejection(`b${index}`)).filter(Boolean).length;
        expect(out).toBeLessThanOrEqual(Math.min(19, Math.max(1, 20 * maxEjected)));
        time.advance(gap);
      }
    });
  });
});

describe("each interval", () => {
  function traffic({ detector }: Fake, of: (index: number) => { status: number | null; latency: number }): void {
    for (let index = 0; index < 6; index++) {
      for (let attempt = 0; attempt < 120; attempt++) {
        const { status, latency } = of(index);
        detector.record(`b${index}`, attempt % 3 === 0 ? status : 200, latency);
      }
    }
  }

  test("a success rate far below the others' ejects, if that is asked for", () => {
    for (const successRate of [{}, null]) {
      const fake = watch(6, { successRate });
      traffic(fake, (index) => ({ status: index === 2 ? 500 : 200, latency: 10 }));
      fake.time.advance(10_000);
      expect(fake.log).toEqual(successRate === null ? [] : ["b2 out success-rate 30 s #1"]);
    }
  });

  test("so does a latency far above, counted over answers alone", () => {
    for (const latency of [{}, null]) {
      const fake = watch(6, { latency });
      traffic(fake, (index) => ({ status: index === 3 ? null : 200, latency: index === 3 ? 400 : 20 }));
      fake.time.advance(10_000);
      expect(fake.log).toEqual(latency === null ? [] : ["b3 out latency 30 s #1"]);
    }
  });

  test("begins with nothing counted", () => {
    const fake = watch(6, { successRate: {} });
    traffic(fake, () => ({ status: 200, latency: 10 }));
    fake.time.advance(10_000);
    for (let attempt = 0; attempt < 50; attempt++) fake.detector.record("b1", 500, 1);
    fake.time.advance(10_000);
    expect(fake.log).toEqual([]);
  });
});

test("a backend that is known goes on as it is; an unknown one is nobody", () => {
  const fake = watch(4);
  fail(fake, "b0");
  fake.detector.add("b0");
  expect(fake.detector.ejection("b0")).not.toBeNull();
  fail(fake, "x");
  fake.detector.remove("x");
  expect(fake.detector.ejection("x")).toBeNull();
  expect(fake.log).toHaveLength(1);
});

test("stop leaves no timer", () => {
  const fake = watch(4);
  fail(fake, "b0");
  fake.detector.stop();
  expect(fake.time.pending).toBe(0);
});
