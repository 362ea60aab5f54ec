import { forAll } from "@headgate/testing";
import * as fc from "fast-check";
import { createPolicy } from "../src/create-policy.ts";
import { PeakLatency } from "../src/peak-latency.ts";
import { backendOf, context, id, member, poolOf } from "./helpers.ts";

describe("the average", () => {
  test("a peak replaces it at once, and decays to 1/e in ten seconds", () => {
    const ewma = new PeakLatency();
    expect(ewma.at(0)).toBe(0);
    ewma.observe(10, false, 0);
    ewma.observe(200, false, 1000);
    expect(ewma.at(1000)).toBe(200);
    expect(ewma.at(11_000)).toBeCloseTo(200 / Math.E, 6);
  });

  test("lower values pull it down, by more the longer ago the last one was", () => {
    const soon = new PeakLatency();
    const later = new PeakLatency();
    for (const ewma of [soon, later]) ewma.observe(100, false, 0);
    soon.observe(10, false, 100);
    later.observe(10, false, 5000);
    expect(soon.at(100)).toBeGreaterThan(later.at(5000));
    expect(later.at(5000)).toBeGreaterThan(10);
  });

  test("a fast failure counts as a second", () => {
    const ewma = new PeakLatency();
    ewma.observe(5, false, 0);
    ewma.observe(0.1, true, 1);
    expect(ewma.at(1)).toBe(1000);
  });

  test("stays between what was seen and nothing", () => {
    const steps = fc.array(fc.tuple(fc.integer({ min: 1, max: 5000 }), fc.nat(20_000)), {
      minLength: 1,
      maxLength: 30,
    });
    forAll(steps, (list) => {
      const ewma = new PeakLatency();
      let now = 0;
      for (const [latency, gap] of list) {
        now += gap;
        ewma.observe(latency, false, now);
      }
      expect(ewma.at(now)).toBeGreaterThan(0);
      expect(ewma.at(now)).toBeLessThanOrEqual(Math.max(...list.map(([latency]) => latency)));
    });
  });
});

describe("the policy", () => {
  test("a new backend gets one attempt at a time until it has answered", () => {
    const pool = poolOf(createPolicy("peak-ewma"), ["a", "b"]);
    for (const name of ["a", "b"]) {
      const backend = member(pool, name);
      backend.latency.observe(5, false, 0);
    }
    pool.add({ id: id("new"), url: "http://new" });
    pool.setAvailable(id("new"), true);
    for (let i = 0; i < 100; i++) {
      const ctx = context({ random: () => Math.abs(Math.sin(i * 7 + 0.3)) % 1 });
      backendOf(pool.choose(ctx));
    }
    expect(member(pool, "new").active).toBe(1);
    pool.release(member(pool, "new"), { latency: 5, failed: false, now: 0 });
    for (let i = 0; i < 30; i++) pool.choose(context({ random: () => Math.abs(Math.sin(i * 5 + 0.1)) % 1 }));
    expect(member(pool, "new").active).toBeGreaterThan(5);
  });
});
