import { forAll } from "@headgate/testing";
import * as fc from "fast-check";
import { patienceOf } from "../../../src/upstream/client/patience.ts";

const time = fc.integer({ min: 1, max: 100_000 });
const times = fc.record({ connectTimeout: time, headTimeout: time, bodyTimeout: time, keepAlive: time });

test("what fails a request is never given up too early, and at most two beats late", () => {
  forAll(times, (given) => {
    const { beat, head, body, connecting } = patienceOf(given);
    const told: [number, number][] = [
      [head, given.headTimeout],
      [body, given.bodyTimeout],
      [connecting, given.connectTimeout],
    ];
    for (const [beats, ms] of told) {
      // It ends with the beat after so many.
      expect(beats * beat).toBeGreaterThanOrEqual(ms);
      expect((beats - 1) * beat).toBeLessThan(ms);
    }
  });
});

test("an idle connection is never kept longer than both sides say, less a second of the other's", () => {
  forAll(times, time, (given, hint) => {
    const { beat, idle } = patienceOf(given);
    expect(idle(-1) * beat).toBeLessThanOrEqual(given.keepAlive);
    expect(idle(hint) * beat).toBeLessThanOrEqual(Math.max(0, Math.min(given.keepAlive, hint - 1000)));
  });
});

test("a beat is a small part of the shortest time, and no more often than a hundred times a second", () => {
  const given = { connectTimeout: 5000, headTimeout: 60_000, bodyTimeout: 60_000, keepAlive: 4000 };
  expect(patienceOf(given).beat).toBe(250);
  expect(patienceOf({ ...given, headTimeout: 100 }).beat).toBe(10);
  expect(patienceOf({ ...given, connectTimeout: 60_000, keepAlive: 60_000 }).beat).toBe(500);
});

test("no time is no bound", () => {
  const { head, body } = patienceOf({ connectTimeout: 5000, headTimeout: 0, bodyTimeout: 0, keepAlive: 4000 });
  expect([head, body]).toEqual([Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]);
});
