import { fieldValue, forAll, token } from "@headgate/testing";
import * as fc from "fast-check";
import { isFieldValue, isToken, quoteIfNeeded, splitList, trimOws, unquote } from "../src/index.ts";

test.each([
  ["", []],
  [" , ,", []],
  ["a", ["a"]],
  [" a\t,b ,, c", ["a", "b", "c"]],
  ['a="x, y", b', ['a="x, y"', "b"]],
  [String.raw`a="x\", y", b`, [String.raw`a="x\", y"`, "b"]],
  ['a="open, b', ['a="open, b']],
  ["\u00a0a, b", ["\u00a0a", "b"]],
])("splitList(%j)", (value, members) => {
  expect(splitList(value)).toEqual(members);
});

test("splitList takes another separator", () => {
  expect(splitList('text/html; q=0.5; title="a;b"', ";")).toEqual(["text/html", "q=0.5", 'title="a;b"']);
});

test.each([
  ["abc", true],
  ["X-A_b.c!#$%&'*+^`|~1", true],
  ["", false],
  ["a b", false],
  ["a:", false],
  ["é", false],
])("isToken(%j) is %s", (value, expected) => {
  expect(isToken(value)).toBe(expected);
});

test.each([
  ["", true],
  ["a\tb \x80\xff~", true],
  ["a\0", false],
  ["a\r\n b", false],
  ["a\nb", false],
  ["\x7f", false],
  ["\x1b", false],
  ["\u0100", false],
])("isFieldValue(%j) is %s", (value, expected) => {
  expect(isFieldValue(value)).toBe(expected);
});

test("unquote undoes quoting, and leaves other values", () => {
  expect(quoteIfNeeded("token")).toBe("token");
  expect(quoteIfNeeded("")).toBe('""');
  expect(unquote('"')).toBe('"');
  expect(unquote('"a')).toBe('"a');
  forAll(fc.string(), (value) => unquote(quoteIfNeeded(value)) === value || isToken(value));
});

test("members joined and split again are the same", () => {
  const quoted = fieldValue().map((value) => quoteIfNeeded(value));
  forAll(fc.array(fc.oneof(token(), quoted)), (members) => {
    expect(splitList(members.join(" ,\t"))).toEqual(members);
  });
});

test("trimOws takes nothing but spaces and tabs", () => {
  expect(trimOws(" \t a b\t ")).toBe("a b");
  expect(trimOws("\u00a0 ")).toBe("\u00a0");
  expect(trimOws("  ")).toBe("");
});
