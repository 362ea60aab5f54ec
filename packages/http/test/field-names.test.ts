import fc from "fast-check";
import { FieldNames } from "../src/index.ts";

const LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_~!";
const anyName = fc.string({ unit: fc.constantFrom(...LETTERS), minLength: 0, maxLength: 40 });

test("what is in the set is found in whatever case, and nothing else is", () => {
  fc.assert(
    fc.property(fc.array(anyName), anyName, (names, other) => {
      const set = new FieldNames(names.map((name) => name.toLowerCase()));
      for (const name of names)
        expect([set.has(name), set.has(name.toUpperCase()), set.has(name.toLowerCase())]).toEqual([true, true, true]);
      expect(set.has(other)).toBe(names.some((name) => name.toLowerCase() === other.toLowerCase()));
    }),
  );
});

test.each([`x-${"a".repeat(28)}`, `x-${"a".repeat(29)}`, `x-${"a".repeat(30)}`, `x-${"a".repeat(40)}`])(
  "%s, about the longest that is told apart by its length",
  (name) => {
    const set = new FieldNames([name]);
    expect([set.has(name), set.has(`${name}a`), set.has(name.slice(1))]).toEqual([true, false, false]);
  },
);

test("a set with more has both, and leaves the first as it was", () => {
  const few = new FieldNames(["host"]);
  const more = few.with("via");
  expect([few.has("Via"), more.has("Via"), more.has("HOST")]).toEqual([false, true, true]);
});
