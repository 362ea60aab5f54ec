import { casesFor, configFor, HOSTS } from "../growth/cases.ts";
import { joinHeats, type Result } from "../growth/contest.ts";
import { requestFields } from "../growth/fields.ts";
import { growthOf, growthTable, verdictOn } from "../growth/table.ts";

const CASES = casesFor([8001, 8002, 8003, 8004]);
const [entries] = CASES;
if (entries === undefined) throw new Error("there are no cases");

test("each case has a small size and a large one that differ in what grows alone", () => {
  const grown = CASES.map(({ name, sizes: [small, large] }) => {
    const keys = (["config", "backends", "fields", "spread", "path"] as const).filter(
      (key) => JSON.stringify(small[key]) !== JSON.stringify(large[key]),
    );
    return [name, keys];
  });
  expect(grown).toEqual([
    ["entries", ["spread"]],
    ["scattered", ["spread"]],
    ["backends", ["config", "backends"]],
    ["subset", ["config", "backends"]],
    ["routes", ["config"]],
    ["fields", ["fields"]],
  ]);
});

test("a thousand backends are a thousand addresses, and a thousand routes so many", () => {
  const [, , backends, subset, routes] = CASES;
  expect(new Set(backends?.sizes[1].backends).size).toBe(HOSTS.length * 4);
  expect(new Set(subset?.sizes[1].backends).size).toBe(HOSTS.length * 4);
  expect(routes?.sizes[1].config.routes).toHaveLength(1000);
  expect(configFor(entries.sizes[0], 8080, "/tmp")).toMatchObject({
    listeners: [{ port: 8080, host: "127.0.0.1" }],
    cache: { entries: 200_000 },
  });
});

test("60 fields are 60 different ones that begin with the 5, and no more are made up", () => {
  const names = Object.keys(requestFields(60)).map((name) => name.toLowerCase());
  expect([new Set(names).size, names.slice(0, 5)]).toEqual([
    60,
    Object.keys(requestFields(5)).map((name) => name.toLowerCase()),
  ]);
  expect(() => requestFields(1000)).toThrow("not 1000");
});

const result = (peer: string, at: 0 | 1, ...micros: readonly number[]): Result => {
  return { case: "entries", peer, label: entries.sizes[at].label, micros };
};

test("growth is that of the middle repetition: each is compared with the one beside it", () => {
  const results = [result("headgate", 0, 40, 100, 50), result("headgate", 1, 60, 110, 90)];
  expect(growthOf(results, entries, "headgate")).toEqual({ ratio: 1.5, micros: 20, small: 50 });
  expect(growthOf(results, entries, "bare-node")).toBeNull();
  expect(growthTable(CASES, results).split("\n").at(-1)).toMatch(
    /^\| 10 entries → 100,000 entries \| +50\.0 \(40\.0\) \| 90\.0 \(60\.0\) \| × 1\.50 \(\+20\.0 µs\) \| +– \| +– \| +– \| grows \|$/,
  );
});

test("the repetitions of several processes are one list, each beside its own of the other size", () => {
  const heat = (base: number) => [result("headgate", 0, base, base + 1), result("headgate", 1, base * 2, base * 2 + 2)];
  expect(joinHeats([heat(10), heat(20)])).toEqual([
    result("headgate", 0, 10, 11, 20, 21),
    result("headgate", 1, 20, 22, 40, 42),
  ]);
});

test.each([
  ["flat", 1.09, 9, null],
  ["flat", 0.8, -20, null],
  ["grows", 1.2, 20, null],
  ["as Node", 1.2, 20, 11],
  ["grows", 1.2, 20, 9],
])("%s: × %d, %d µs, where Node pays %p", (verdict, ratio, micros, bare) => {
  const theirs = bare === null ? null : { ratio: 1.5, micros: bare, small: 50 };
  expect(verdictOn({ ratio, micros, small: 100 }, theirs)).toBe(verdict);
});
