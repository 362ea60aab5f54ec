import fc from "fast-check";
import { IdleList } from "../../../src/upstream/client/idle-list.ts";

test("what became idle in this turn is taken in the next", () => {
  const idle = new IdleList<string>();
  idle.add("a", 1);
  expect([idle.size, idle.ripe(1), idle.take(1), idle.oldest(1), idle.takeAll(1)]).toEqual([
    1,
    0,
    undefined,
    undefined,
    [],
  ]);
  expect([idle.ripe(2), idle.oldest(2), idle.take(2), idle.take(2)]).toEqual([1, "a", "a", undefined]);
});

test("the one used last is taken first, and the first one is the oldest", () => {
  const idle = new IdleList<string>();
  for (const [turn, entry] of ["a", "b", "c"].entries()) idle.add(entry, turn);
  idle.remove("b");
  expect([idle.oldest(3), idle.take(3), idle.take(3), idle.take(3)]).toEqual(["a", "c", "a", undefined]);
});

type Step = { readonly kind: "add" | "take" | "takeAll" | "turn" } | { readonly kind: "remove"; readonly at: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ kind: "add" } as const) },
  { weight: 3, arbitrary: fc.constant({ kind: "take" } as const) },
  { weight: 2, arbitrary: fc.constant({ kind: "turn" } as const) },
  { weight: 1, arbitrary: fc.constant({ kind: "takeAll" } as const) },
  { weight: 1, arbitrary: fc.nat(30).map((at) => ({ kind: "remove", at }) as const) },
);

test("whatever comes, is taken and goes: each once, none in its turn, those of the latest turn first", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const idle = new IdleList<number>();
      /** By entry, when it became idle. */
      const held = new Map<number, number>();
      let turn = 0;
      for (const [entry, one] of steps.entries()) {
        const ripe = [...held.entries()].filter(([, since]) => since < turn);
        const latest = Math.max(...ripe.map(([, since]) => since));
        if (one.kind === "turn") turn += 1;
        else if (one.kind === "add") {
          idle.add(entry, turn);
          held.set(entry, turn);
        } else if (one.kind === "remove") {
          idle.remove(one.at);
          held.delete(one.at);
        } else if (one.kind === "takeAll") {
          expect(idle.takeAll(turn).toSorted()).toEqual(ripe.map(([each]) => each).toSorted());
          for (const [each] of ripe) held.delete(each);
        } else {
          const taken = idle.take(turn);
          expect(taken === undefined).toBe(ripe.length === 0);
          if (taken !== undefined) expect(held.get(taken)).toBe(latest);
          if (taken !== undefined) held.delete(taken);
        }
        const now = [...held.values()].filter((since) => since < turn);
        expect([idle.size, idle.ripe(turn)]).toEqual([held.size, now.length]);
      }
    }),
  );
});
