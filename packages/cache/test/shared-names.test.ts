import { forAll } from "@headgate/testing";
import * as fc from "fast-check";
import { sharedName } from "../src/shared-names.ts";

test("a name is the same name, however many there are and however long", () => {
  for (let i = 0; i < 3000; i += 1) expect(sharedName(`X-${i}`)).toBe(`X-${i}`);
  for (let i = 0; i < 3000; i += 1) expect(sharedName(`X-${i}`)).toBe(`X-${i}`);
  forAll(fc.string({ maxLength: 200 }), (name) => sharedName(name) === name);
});
