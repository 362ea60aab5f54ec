import fc from "fast-check";
import { median, quantile, spread } from "../src/statistics.ts";

test.each([
  [[3], 3],
  [[9, 1, 5], 5],
  [[10, 2, 30, 4], 4],
])("the median of %j is %d", (values, middle) => {
  expect(median(values)).toBe(middle);
});

test("there is no median of nothing", () => {
  expect(median([])).toBeNaN();
});

const numbers = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1 });

test("half of all values are on either side of the median, which is one of them", () => {
  fc.assert(
    fc.property(numbers, (values) => {
      const middle = median(values);
      expect(values).toContain(middle);
      expect(values.filter((each) => each <= middle).length * 2).toBeGreaterThanOrEqual(values.length);
      expect(values.filter((each) => each >= middle).length * 2).toBeGreaterThanOrEqual(values.length);
    }),
  );
});

test("a spread says least, middle and most, and leaves the values in their order", () => {
  const values = [5, 1, 9];
  expect(spread(values)).toEqual({ median: 5, min: 1, max: 9 });
  expect(values).toEqual([5, 1, 9]);
});

test.each([
  [0.5, 50],
  [0.99, 99],
  [0.999, 100],
  [1, 100],
])("of 1 to 100, a share of %d does not pass %d", (share, value) => {
  const sorted = Float64Array.from({ length: 100 }, (_, at) => at + 1);
  expect(quantile(sorted, share)).toBe(value);
});
