import { setFlagsFromString } from "node:v8";
import { runInThisContext } from "node:vm";
import { growthFor, tuneEngine } from "../src/cli/engine.ts";

test("methods of strings are fast again after a class was made of String", () => {
  setFlagsFromString("--allow-natives-syntax");
  const isFast = runInThisContext("(prototype) => %HasFastProperties(prototype)") as (prototype: object) => boolean;
  class Text extends String {}
  expect(new Text("a").length).toBe(1);
  expect(isFast(String.prototype)).toBe(false);
  tuneEngine();
  expect(isFast(String.prototype)).toBe(true);
});

const MIB = 2 ** 20;

test.each([
  { live: 16, percent: 600 },
  { live: 32, percent: 300 },
  { live: 96, percent: 100 },
  { live: 320, percent: 30 },
  { live: 330, percent: 0 },
  { live: 4000, percent: 0 },
])("of $live MiB that live, memory may grow by $percent %", ({ live, percent }) => {
  expect(growthFor(live * MIB)).toBe(percent);
});
