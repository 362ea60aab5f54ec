import { restartDelay } from "../../src/cluster/restart-delay.ts";

test("at once the first time, then twice as long each time, 30 s at most", () => {
  expect([1, 2, 3, 4, 5].map(restartDelay)).toEqual([0, 200, 400, 800, 1600]);
  expect(restartDelay(40)).toBe(30_000);
});
