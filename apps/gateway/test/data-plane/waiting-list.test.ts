import { forAll } from "@headgate/testing";
import * as fc from "fast-check";
import { WaitingList } from "../../src/waiting-list.ts";

test("whoever joined and has not left is on the list, once, at its place", () => {
  forAll(fc.array(fc.nat(9)), (steps) => {
    const list = new WaitingList<{ place: number; name: number }>();
    const all = Array.from({ length: 10 }, (_, name) => ({ place: -1, name }));
    const expected = new Set<number>();
    for (const step of steps) {
      const entry = all[step];
      if (entry === undefined) continue;
      if (expected.delete(step)) list.remove(entry);
      else {
        expected.add(step);
        list.add(entry);
      }
    }
    expect(list.entries.map(({ name }) => name).sort()).toEqual([...expected].sort());
    for (const entry of all) expect(list.entries[entry.place]).toBe(expected.has(entry.name) ? entry : undefined);
  });
});

test("leaving a list that one is not on changes nothing", () => {
  const list = new WaitingList();
  const entry = { place: -1 };
  list.add({ place: -1 });
  list.remove(entry);
  expect(list.entries).toHaveLength(1);
});
