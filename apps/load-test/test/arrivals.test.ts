import fc from "fast-check";
import { createArrivals } from "../src/load/arrivals.ts";

test.each([
  [100, 10, 1000],
  [300, 20, 6000],
  [7, 3, 21],
  [1000, 5, 5000],
  [0.5, 1, 1],
  [33.3, 0.1, 3],
])("%d a second for %d s are %d requests", (rate, seconds, total) => {
  expect(createArrivals(rate, seconds).total).toBe(total);
});

test("the first is due at once, the others at even distances", () => {
  const arrivals = createArrivals(4, 1);
  expect([arrivals.next(), arrivals.take(0), arrivals.next()]).toEqual([0, 1, 250]);
  expect([arrivals.take(249), arrivals.take(250), arrivals.next()]).toEqual([0, 1, 500]);
  expect([arrivals.take(5000), arrivals.next(), arrivals.take(9000)]).toEqual([2, undefined, 0]);
});

test("waiting for each next one takes exactly one, and all of them in the end", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.1, max: 5000, noNaN: true }),
      fc.double({ min: 0.01, max: 2, noNaN: true }),
      (rate, seconds) => {
        const arrivals = createArrivals(rate, seconds);
        let taken = 0;
        for (let next = arrivals.next(); next !== undefined; next = arrivals.next()) {
          expect(arrivals.take(next)).toBe(1);
          taken += 1;
        }
        expect(taken).toBe(arrivals.total);
      },
    ),
    { numRuns: 50 },
  );
});

test("however late they are taken, none is lost and none comes twice", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2000 }),
      fc.array(fc.double({ min: 0, max: 900, noNaN: true })),
      (rate, steps) => {
        const arrivals = createArrivals(rate, 1);
        let time = 0;
        let taken = 0;
        for (const step of steps) {
          time += step;
          taken += arrivals.take(time);
          expect(taken).toBe(Math.min(arrivals.total, Math.floor((time * rate) / 1000 + 1e-9) + 1));
        }
        expect(taken + arrivals.take(1e6)).toBe(arrivals.total);
      },
    ),
  );
});
