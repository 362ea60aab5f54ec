import { forAll } from "@headgate/testing";
import * as fc from "fast-check";
import { ConcurrencyLimiter } from "../src/index.ts";

test("gives as many slots as it has, and again what comes back", () => {
  const limiter = new ConcurrencyLimiter(2);
  expect([limiter.acquire(), limiter.acquire(), limiter.acquire()]).toEqual([true, true, false]);
  limiter.release();
  expect(limiter.inFlight).toBe(1);
  expect(limiter.acquire()).toBe(true);
  expect(limiter.acquire()).toBe(false);
});

test("without a limit it counts", () => {
  const limiter = new ConcurrencyLimiter(Number.POSITIVE_INFINITY);
  for (let i = 0; i < 1000; i += 1) limiter.acquire();
  expect(limiter.inFlight).toBe(1000);
});

test("a slot given back twice is an error, and so is a limit below one", () => {
  expect(() => new ConcurrencyLimiter(1).release()).toThrow("nobody had acquired");
  expect(() => new ConcurrencyLimiter(0)).toThrow("expected at least 1");
  expect(() => new ConcurrencyLimiter(Number.NaN)).toThrow("expected at least 1");
});

test("never more in flight than allowed, whatever the order", () => {
  forAll(fc.array(fc.boolean()), fc.integer({ min: 1, max: 5 }), (steps, max) => {
    const limiter = new ConcurrencyLimiter(max);
    let held = 0;
    for (const takes of steps) {
      if (takes) {
        expect(limiter.acquire()).toBe(held < max);
        held = Math.min(max, held + 1);
      } else if (held > 0) {
        limiter.release();
        held -= 1;
      }
      expect(limiter.inFlight).toBe(held);
    }
  });
});
