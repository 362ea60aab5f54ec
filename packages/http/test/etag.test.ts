import { fieldValue, forAll } from "@headgate/testing";
import { isWeak, parseEntityTag, parseEntityTagList, strongMatch, weaken, weakMatch } from "../src/index.ts";

// The table of RFC 9110 §8.8.3.2.
test.each([
  ['W/"1"', 'W/"1"', false, true],
  ['W/"1"', 'W/"2"', false, false],
  ['W/"1"', '"1"', false, true],
  ['"1"', 'W/"1"', false, true],
  ['"1"', '"1"', true, true],
  ['"1"', '"2"', false, false],
])("%s and %s match strongly %s, weakly %s", (a, b, strong, weak) => {
  expect(strongMatch(a, b)).toBe(strong);
  expect(weakMatch(a, b)).toBe(weak);
});

test.each([
  ['"a"', '"a"'],
  [' W/"a,\\" ', 'W/"a,\\"'],
  ['""', '""'],
  ["a", undefined],
  ['w/"a"', undefined],
  ['"a b"', undefined],
  ['"a""b"', undefined],
  ['"a', undefined],
])("parseEntityTag(%j)", (value, tag) => {
  expect(parseEntityTag(value)).toBe(tag);
});

test.each([
  ['"a", W/"b" ,"c"', ['"a"', 'W/"b"', '"c"']],
  ['"a,b", "c\\", "d"', ['"a,b"', '"c\\"', '"d"']],
  ["a, b", ["a", "b"]],
  [' ,, "a"', ['"a"']],
  ['"open, b', ['"open', "b"]],
  ["", []],
])("parseEntityTagList(%j)", (value, tags) => {
  expect(parseEntityTagList(value)).toEqual({ kind: "tags", tags });
});

test("a star asks for any", () => {
  expect(parseEntityTagList(" * ")).toEqual({ kind: "any" });
  expect(parseEntityTagList('"*"')).toEqual({ kind: "tags", tags: ['"*"'] });
});

test("weakening is done once, and keeps the weak match", () => {
  expect(weaken('"a"')).toBe('W/"a"');
  expect(weaken('W/"a"')).toBe('W/"a"');
  expect(isWeak(weaken('"a"'))).toBe(true);
  expect(weakMatch(weaken('"a"'), '"a"')).toBe(true);
});

test("no value makes the parser throw", () => {
  forAll(fieldValue(), (value) => parseEntityTagList(value).kind !== undefined);
});
