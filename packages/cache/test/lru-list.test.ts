import { forAll } from "@headgate/testing";
import * as fc from "fast-check";
import { type Listed, LruList } from "../src/lru-list.ts";

class Item implements Listed<Item> {
  readonly entries = 1;
  list: LruList<Item> | null = null;
  older: Item | null = null;
  newer: Item | null = null;
  readonly bytes: number;
  readonly heap: number;

  constructor(bytes: number) {
    this.bytes = bytes;
    this.heap = 5 - bytes / 2;
  }
}

test("keeps its values by last use, and knows what they weigh", () => {
  const step = fc.record({ at: fc.nat(9), kind: fc.constantFrom("add", "use", "remove", "pop") });
  forAll(fc.array(step, { maxLength: 60, size: "max" }), (steps) => {
    const items = Array.from({ length: 10 }, (_, at) => new Item(at + 1));
    const list = new LruList<Item>({ bytes: 20, heap: 9, entries: 4 });
    let model: Item[] = [];
    for (const { at, kind } of steps) {
      const item = items[at] as Item;
      const isIn = model.includes(item);
      if (kind === "pop") {
        expect(list.pop()).toBe(model.shift() ?? null);
      } else if (kind === "add" && !isIn) {
        list.add(item);
        model.push(item);
      } else if (isIn && kind !== "add") {
        model = model.filter((other) => other !== item);
        if (kind === "use") model.push(item);
        list[kind](item);
      }
      const bytes = model.reduce((sum, other) => sum + other.bytes, 0);
      const heap = model.reduce((sum, other) => sum + other.heap, 0);
      expect([...list.values()]).toEqual(model);
      expect([list.bytes, list.heap, list.entries, list.oldest]).toEqual([bytes, heap, model.length, model[0] ?? null]);
      expect(list.isOver).toBe(bytes > 20 || heap > 9 || model.length > 4);
      for (const each of items) expect(each.list).toBe(model.includes(each) ? list : null);
    }
  });
});
