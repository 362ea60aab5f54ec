import { setFlagsFromString } from "node:v8";
import { runInThisContext } from "node:vm";
import { tuneEngine } from "../src/cli/engine.ts";

test("methods of strings are fast again after a class was made of String", () => {
  setFlagsFromString("--allow-natives-syntax");
  const isFast = runInThisContext("(prototype) => %HasFastProperties(prototype)") as (prototype: object) => boolean;
  class Text extends String {}
  expect(new Text("a").length).toBe(1);
  expect(isFast(String.prototype)).toBe(false);
  tuneEngine();
  expect(isFast(String.prototype)).toBe(true);
});
