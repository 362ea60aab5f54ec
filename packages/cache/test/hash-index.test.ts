import { forAll } from "@headgate/testing";
import * as fc from "fast-check";
import { type Hashed, HashIndex } from "../src/hash-index.ts";

test("finds by key, whichever keys have the same hash, and whatever came and went before", () => {
  const step = fc.record({
    key: fc.constantFrom("a", "b", "c", "d", "e", "f"),
    kind: fc.constantFrom("add", "add", "delete"),
  });
  const hashes = fc.dictionary(fc.constantFrom("a", "b", "c", "d", "e", "f"), fc.integer({ min: -2, max: 2 }));
  forAll(fc.array(step, { maxLength: 60 }), hashes, (steps, hashOf) => {
    const index = new HashIndex<Hashed>();
    const model = new Map<string, Hashed>();
    for (const { key, kind } of steps) {
      const hash = hashOf[key] ?? 0;
      const known = model.get(key);
      if (kind === "add" && known === undefined) {
        const value = { key, hash };
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
