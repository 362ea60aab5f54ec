import { forAll } from "@headgate/testing";
import * as fc from "fast-check";
import { SlidingWindow } from "../src/sliding-window.ts";

test("counts what is younger than the window, to within a step", () => {
  const events = fc.array(fc.nat(3000), { maxLength: 60 });
  forAll(events, (gaps) => {
    const window = new SlidingWindow(10_000, 10);
    const times: number[] = [];
    let now = 0;
    for (const gap of gaps) {
      now += gap;
      times.push(now);
      window.add(now);
      const total = window.total(now);
      expect(total).toBeLessThanOrEqual(times.filter((at) => at > now - 10_000).length);
      expect(total).toBeGreaterThanOrEqual(times.filter((at) => at > now - 9_000).length);
    }
  });
});

test("can be cleared, and a clock that goes back does not disturb it", () => {
  const window = new SlidingWindow(1000);
  window.add(5000, 3);
  window.add(4000);
  expect(window.total(5000)).toBe(4);
  window.clear();
  expect(window.total(5000)).toBe(0);
});
