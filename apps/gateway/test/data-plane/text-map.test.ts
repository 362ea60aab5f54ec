import fc from "fast-check";
import { TextMap } from "../../src/routing/text-map.ts";

const fewLetters = fc.string({ unit: fc.constantFrom("a", "b", "-", "."), maxLength: 4 });

test("finds by a part of another text what a Map finds by that part cut out", () => {
  fc.assert(
    fc.property(fc.array(fewLetters), fewLetters, fewLetters, fewLetters, (texts, before, part, behind) => {
      const map = new TextMap<number>();
      const model = new Map<string, number>();
      for (const [order, text] of texts.entries()) {
        const value = model.get(text) ?? order;
        expect(map.at(text, () => order)).toBe(value);
        model.set(text, value);
      }
      const found = map.find(before + part + behind, before.length, before.length + part.length);
      expect([found, map.size]).toEqual([model.get(part), model.size]);
    }),
  );
});

test("texts with the same hash are told apart", () => {
  // Both 0x5e4daa9d by FNV-1a.
  const [one, other] = ["costarring", "liquid"];
  const map = new TextMap<string>();
  map.at(one, () => one);
  expect(map.find(other, 0, other.length)).toBeUndefined();
  map.at(other, () => other);
  expect([map.find(one, 0, one.length), map.find(other, 0, other.length)]).toEqual([one, other]);
});
