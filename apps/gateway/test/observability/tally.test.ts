import { ByLabel, Count } from "../../src/observability/tally.ts";

const counts = (limit = 10): ByLabel<string, Count> => new ByLabel(() => new Count(), limit, "other");
const rowsOf = (tallies: ByLabel<string, Count>) => tallies.rows(({ value }) => value);

test("each label has one tally, the first one like the others", () => {
  const tallies = counts();
  for (const label of ["ok", "reset", "ok", "ok", "reset"]) tallies.at(label).value++;
  expect(rowsOf(tallies)).toEqual([
    ["ok", 3],
    ["reset", 2],
  ]);
});

test("past the limit the rest share one, and nothing grows", () => {
  const tallies = counts(2);
  for (const label of ["a", "b", "c", "d", "a"]) tallies.at(label).value++;
  expect(rowsOf(tallies)).toEqual([
    ["a", 2],
    ["b", 1],
    ["other", 2],
  ]);
});

test.each(["ok", "reset"])("a label that was forgotten begins anew: %s", (forgotten) => {
  const tallies = counts();
  for (const label of ["ok", "reset"]) tallies.at(label).value++;
  tallies.retain((label) => label !== forgotten);
  expect(rowsOf(tallies)).toEqual([[forgotten === "ok" ? "reset" : "ok", 1]]);
  expect(tallies.at(forgotten).value).toBe(0);
  tallies.at(forgotten).value++;
  expect(new Map(rowsOf(tallies)).get(forgotten)).toBe(1);
});
