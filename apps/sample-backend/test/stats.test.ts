import { createStats } from "../src/stats.ts";

test("requests are counted by method", () => {
  const stats = createStats();
  stats.executed("GET", undefined);
  stats.executed("POST", "a");
  stats.executed("POST", "b");
  expect(stats.view()).toEqual({
    executed: 3,
    byMethod: { GET: 1, POST: 2 },
    ids: { remembered: 2, repeats: 0, repeated: [] },
  });
  expect(stats.ids()).toEqual(["a", "b"]);
});

test("an id that comes again is told", () => {
  const stats = createStats();
  for (const id of ["a", "b", "a", "a"]) stats.executed("POST", id);
  expect(stats.view().ids).toEqual({ remembered: 2, repeats: 2, repeated: ["a"] });
});

test("what it remembers is bounded: the latest ids stay", () => {
  const stats = createStats();
  for (let id = 0; id < 10_050; id += 1) stats.executed("POST", String(id));
  for (let id = 9_000; id < 9_150; id += 1) stats.executed("POST", String(id));
  const { remembered, repeats, repeated } = stats.view().ids;
  expect({ remembered, repeats, repeated: repeated.length }).toEqual({
    remembered: 10_000,
    repeats: 150,
    repeated: 100,
  });
  expect(repeated.at(-1)).toBe("9149");
  expect(stats.ids().at(0)).toBe("50");
});
