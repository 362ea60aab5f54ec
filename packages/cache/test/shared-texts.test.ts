import { forAll } from "@headgate/testing";
import fc from "fast-check";
import { shareTexts } from "../src/shared-texts.ts";

function shared(...fields: string[]): string[] {
  shareTexts(fields);
  return fields;
}

test("whatever its length and however many there are, a text stays what it is", () => {
  for (const round of [1, 2])
    for (let i = 0; i < 3000; i += 1)
      expect(shared(`X-${i}`, `${round}`, "Server", `s-${i}`)).toEqual([`X-${i}`, `${round}`, "Server", `s-${i}`]);
  const text = fc.string({ maxLength: 200 });
  forAll(fc.array(fc.tuple(fc.constantFrom("Server", "ETag", "content-TYPE", ""), text), { maxLength: 5 }), (lines) => {
    const fields = lines.flat();
    expect(shared(...fields)).toEqual(fields);
    return true;
  });
});
