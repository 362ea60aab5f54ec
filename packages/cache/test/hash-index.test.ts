import { forAll } from "@headgate/testing";
import * as fc from "fast-check";
import { type Hashed, HashIndex } from "../src/hash-index.ts";

interface Value extends Hashed<Value> {}

test("finds by key, whichever keys have the same hash, and whatever came and went before", () => {
  const step = fc.record({
    key: fc.constantFrom("a", "b", "c", "d", "e", "f"),
    kind: fc.constantFrom("add", "add", "delete"),
  });
  const hashes = fc.dictionary(fc.constantFrom("a", "b", "c", "d", "e", "f"), fc.constantFrom(-1, 0, 1, 64, 128, -64));
  forAll(fc.array(step, { maxLength: 60 }), hashes, (steps, hashOf) => {
    const index = new HashIndex<Value>();
    const model = new Map<string, Value>();
    for (const { key, kind } of steps) {
      const hash = hashOf[key] ?? 0;
      const known = model.get(key);
      if (kind === "add" && known === undefined) {
        const value: Value = { key, hash, next: null };
        index.add(value);
        model.set(key, value);
      } else if (kind === "delete" && known !== undefined) {
        index.delete(known);
        model.delete(key);
      }
      for (const each of "abcdef") expect(index.get(each, hashOf[each] ?? 0)).toBe(model.get(each));
    }
  });
});

test("finds each of a thousand, whose places grow and whose hashes share them, and none of those that went", () => {
  const index = new HashIndex<Value>();
  // All of their hashes agree in the lowest four bits: sixteen share a place at least.
  const values = Array.from({ length: 1000 }, (_, at): Value => ({ key: `key ${at}`, hash: at * 16, next: null }));
  for (const value of values) index.add(value);
  for (const value of values) expect(index.get(value.key, value.hash)).toBe(value);
  for (const value of values.filter((_, at) => at % 3 === 0)) index.delete(value);
  values.forEach((value, at) => {
    expect(index.get(value.key, value.hash)).toBe(at % 3 === 0 ? undefined : value);
  });
});

test("portions hold each value once, and it stays in its own as the index grows", () => {
  forAll(fc.array(fc.integer(), { maxLength: 1000, size: "max" }), fc.constantFrom(1, 8, 256), (hashes, portions) => {
    const index = new HashIndex<Value>();
    const portionOf = new Map<Value, number>();
    const values = hashes.map((hash, at): Value => ({ key: `key ${at}`, hash, next: null }));
    for (const [at, value] of values.entries()) {
      index.add(value);
      if (at % 300 !== 299 && at !== values.length - 1) continue;
      const seen: Value[] = [];
      for (let portion = 0; portion < portions; portion += 1) {
        for (const each of index.portion(portion, portions)) {
          seen.push(each);
          expect(portionOf.get(each) ?? portion).toBe(portion);
          portionOf.set(each, portion);
        }
      }
      expect(new Set(seen)).toEqual(new Set(values.slice(0, at + 1)));
      expect(seen).toHaveLength(at + 1);
    }
  });
});
