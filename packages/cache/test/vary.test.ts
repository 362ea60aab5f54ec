import { fieldList, fieldValue, forAll } from "@headgate/testing";
import { varyMatches, varyTerms } from "../src/vary.ts";

function matches(vary: string, stored: string[], presented: string[], language?: string): boolean {
  const terms = varyTerms(["Vary", vary], stored);
  return terms !== undefined && varyMatches(terms, presented, language);
}

describe("a stored response answers a request only if what selected it is the same", () => {
  test.each<[string, string, string[], string[], boolean]>([
    ["the same", "Foo", ["Foo", "1"], ["foo", "1"], true],
    ["another value", "Foo", ["Foo", "1"], ["Foo", "2"], false],
    ["another case", "Foo", ["Foo", "a"], ["Foo", "A"], false],
    ["missing then", "Foo", [], ["Foo", "1"], false],
    ["missing now", "Foo", ["Foo", "1"], [], false],
    ["missing is not empty", "Foo", [], ["Foo", ""], false],
    ["missing both times", "Foo", [], ["Bar", "1"], true],
    ["what Vary does not name", "Foo", ["Foo", "1", "Bar", "2"], ["Foo", "1", "Bar", "3"], true],
    ["one of three", "Foo, Bar,Baz", ["Foo", "1", "Baz", "3"], ["Foo", "1", "Baz", "4"], false],
    ["white space at commas", "Foo", ["Foo", "1,2"], ["Foo", " 1 ,  2 "], true],
    ["commas in quotes", "Foo", ["Foo", '"a, b"'], ["Foo", '"a,b"'], false],
    ["several lines", "Foo", ["Foo", "1, 2"], ["Foo", "1", "Foo", "2"], true],
    ["order of languages", "Accept-Language", ["Accept-Language", "en, de"], ["Accept-Language", "de, eN"], true],
    [
      "weights of languages",
      "Accept-Language",
      ["Accept-Language", "en, de;q=0.5"],
      ["Accept-Language", "en, de"],
      false,
    ],
    ["forms of weights", "Accept-Language", ["Accept-Language", "en;q=0.50"], ["Accept-Language", "en ; q=0.5"], true],
    ["order of codings", "Accept-Encoding", ["Accept-Encoding", "gzip, br"], ["Accept-Encoding", "br,GZIP"], true],
    ["x-gzip", "Accept-Encoding", ["Accept-Encoding", "x-gzip"], ["Accept-Encoding", "gzip"], true],
    ["another coding", "Accept-Encoding", ["Accept-Encoding", "gzip"], ["Accept-Encoding", "gzip, br"], false],
  ])("%s", (_name, vary, stored, presented, expected) => expect(matches(vary, stored, presented)).toBe(expected));

  test.each(["*", "*, *", ", *", "Foo, *", "*, Foo"])("Vary: %s never matches", (vary) => {
    expect(varyTerms(["Vary", vary], [])).toBeUndefined();
  });

  test("* on another line", () => {
    expect(varyTerms(["Vary", "", "Vary", "*"], [])).toBeUndefined();
  });
});

describe("a stored language", () => {
  const stored = ["Accept-Language", "en, de"];

  test.each<[string, boolean]>([
    ["fr;q=0.5, de;q=1.0", true],
    ["de", true],
    ["DE;q=0.8, en;q=0.7", true],
    ["de, fr", false],
    ["fr, de;q=0.9", false],
    ["de-CH", false],
    ["de;q=0", false],
  ])("de answers whoever likes it best: %s", (value, expected) => {
    expect(matches("Accept-Language", stored, ["Accept-Language", value], "de")).toBe(expected);
  });

  test("does not answer who has not said", () => {
    expect(matches("Accept-Language", stored, [], "de")).toBe(false);
    expect(matches("Accept-Language", [], ["Accept-Language", "de"], "de")).toBe(false);
  });
});

describe("for all requests", () => {
  test("a request matches what it selected itself, and nothing throws", () => {
    forAll(fieldList(), fieldValue(), (fields, vary) => {
      const terms = varyTerms(["Vary", `${vary}, Accept-Language, Cookie`], fields);
      return terms === undefined || varyMatches(terms, fields, undefined);
    });
  });
});
