import { forAll } from "@headgate/testing";
import * as fc from "fast-check";
import { formatDuration } from "../src/duration.ts";
import { HealthRecord, type ProbeResult } from "../src/health-record.ts";

const thresholds = { failures: 3, successes: 2 };

function good(at: number): ProbeResult {
  return { ok: true, status: 200, latency: 2, at };
}

function bad(at: number): ProbeResult {
  return { ok: false, reason: "connection refused", latency: 1, at };
}

/** Applies `+` as good and `-` as bad probes, one a second. */
function run(probes: string): HealthRecord {
  const record = new HealthRecord();
  [...probes].forEach((probe, second) => {
    record.apply(probe === "+" ? good(second * 1000) : bad(second * 1000), thresholds);
  });
  return record;
}

test.each([
  ["", "NOT_INITIATED", 0, 0],
  ["+", "HEALTHY", 0, 1],
  ["-", "UNREACHABLE", 1, 0],
  ["+--", "HEALTHY", 2, 0],
  ["+---", "UNREACHABLE", 3, 0],
  ["+--+--", "HEALTHY", 2, 0],
  ["+-----", "UNREACHABLE", 5, 0],
  ["-+", "UNREACHABLE", 0, 1],
  ["-++", "HEALTHY", 0, 2],
  ["-+-+", "UNREACHABLE", 0, 1],
  ["+---++", "HEALTHY", 0, 2],
])("after %j it is %s", (probes, state, failures, successes) => {
  expect(run(probes).snapshot()).toMatchObject({ state, failures, successes });
});

test("a transition says what brought it about", () => {
  const record = new HealthRecord();
  expect(record.apply(good(0), thresholds)).toEqual({
    from: "NOT_INITIATED",
    to: "HEALTHY",
    at: 0,
    reason: "status 200",
  });
  expect(record.apply(bad(1), thresholds)).toBeNull();
  expect(record.apply(bad(2), thresholds)).toBeNull();
  expect(record.apply(bad(3), thresholds)).toEqual({
    from: "HEALTHY",
    to: "UNREACHABLE",
    at: 3,
    reason: "connection refused (3 in a row)",
  });
});

test("times of the last good probe and the last change", () => {
  expect(run("+--").snapshot()).toMatchObject({ lastHealthy: 0, lastChange: 0 });
  expect(run("++---").snapshot()).toMatchObject({ lastHealthy: 1000, lastChange: 4000 });
  expect(run("---").snapshot()).toMatchObject({ lastHealthy: null, lastChange: 0 });
});

test("keeps the last twenty probes, newest last", () => {
  const probes = run("+".repeat(30)).snapshot().probes;
  expect(probes.map(({ at }) => at / 1000)).toEqual(Array.from({ length: 20 }, (_, index) => index + 10));
});

test("a snapshot does not change, and another record goes on from it", () => {
  const record = run("+--");
  const snapshot = record.snapshot();
  record.apply(bad(9000), thresholds);
  expect(snapshot).toMatchObject({ state: "HEALTHY", failures: 2 });
  const next = new HealthRecord(snapshot);
  expect(next.apply(bad(9000), thresholds)).toMatchObject({ to: "UNREACHABLE" });
});

test.each([
  ["", false],
  ["+", false],
  ["+-", true],
  ["+---", false],
  ["+---+", true],
])("after %j in transition: %s", (probes, expected) => {
  expect(run(probes).inTransition).toBe(expected);
});

test("UNREACHABLE takes the threshold in a row, and so does HEALTHY, whatever came before", () => {
  forAll(fc.string({ unit: fc.constantFrom("+", "-"), minLength: 1, maxLength: 60 }), (probes) => {
    const { state } = run(probes).snapshot();
    if (probes.endsWith("---")) expect(state).toBe("UNREACHABLE");
    if (probes.endsWith("++")) expect(state).toBe("HEALTHY");
    const before = run(probes.slice(0, -1)).snapshot().state;
    if (probes.endsWith("+") && before === "HEALTHY") expect(state).toBe("HEALTHY");
  });
});

test.each([
  [0, "0 ms"],
  [250, "250 ms"],
  [1000, "1 s"],
  [1500, "1.5 s"],
  [30_000, "30 s"],
])("%d ms reads %s", (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});
