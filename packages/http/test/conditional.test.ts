import { evaluateConditions, formatHttpDate, hasConditions, type Validators } from "../src/index.ts";

const NOW = Date.UTC(2025, 0, 10);
const MODIFIED = Date.UTC(2025, 0, 1);
const V: Validators = { etag: '"a"', lastModified: MODIFIED, date: NOW };
const before = formatHttpDate(MODIFIED - 1000);
const same = formatHttpDate(MODIFIED);
const after = formatHttpDate(MODIFIED + 1000);

const PROCEED = { kind: "proceed" };
const notModified = (by: string) => ({ kind: "not-modified", by });
const failed = (by: string) => ({ kind: "precondition-failed", by });

test.each<[string, string, string[], object]>([
  ["no condition", "GET", [], PROCEED],
  ["same tag", "GET", ["If-None-Match", '"a"'], notModified("if-none-match")],
  ["same tag, weak", "HEAD", ["if-none-match", 'W/"a"'], notModified("if-none-match")],
  ["tag in a list", "GET", ["If-None-Match", '"x", "a"'], notModified("if-none-match")],
  ["tag in a second field", "GET", ["If-None-Match", '"x"', "If-None-Match", '"a"'], notModified("if-none-match")],
  ["other tag", "GET", ["If-None-Match", '"x"'], PROCEED],
  ["any tag", "GET", ["If-None-Match", "*"], notModified("if-none-match")],
  ["any tag with an unsafe method", "PUT", ["If-None-Match", "*"], failed("if-none-match")],
  ["other tag outweighs the date", "GET", ["If-None-Match", '"x"', "If-Modified-Since", same], PROCEED],
  [
    "same tag outweighs the date",
    "GET",
    ["If-Modified-Since", before, "If-None-Match", '"a"'],
    notModified("if-none-match"),
  ],
  ["not modified since", "GET", ["If-Modified-Since", same], notModified("if-modified-since")],
  ["not modified since later", "HEAD", ["If-Modified-Since", after], notModified("if-modified-since")],
  ["modified since", "GET", ["If-Modified-Since", before], PROCEED],
  ["If-Modified-Since is for reading", "POST", ["If-Modified-Since", same], PROCEED],
  ["no date", "GET", ["If-Modified-Since", "yesterday"], PROCEED],
  ["If-Match holds", "PUT", ["If-Match", '"b", "a"'], PROCEED],
  ["If-Match is strong", "PUT", ["If-Match", 'W/"a"'], failed("if-match")],
  ["If-Match fails", "GET", ["If-Match", '"b"'], failed("if-match")],
  ["If-Match any", "PUT", ["If-Match", "*"], PROCEED],
  ["If-Match comes first", "GET", ["If-None-Match", '"a"', "If-Match", '"b"'], failed("if-match")],
  ["If-Match, then If-None-Match", "GET", ["If-None-Match", '"a"', "If-Match", '"a"'], notModified("if-none-match")],
  ["If-Match outweighs the date", "PUT", ["If-Match", '"a"', "If-Unmodified-Since", before], PROCEED],
  ["unmodified since", "PUT", ["If-Unmodified-Since", same], PROCEED],
  ["modified meanwhile", "PUT", ["If-Unmodified-Since", before], failed("if-unmodified-since")],
  ["If-Unmodified-Since is no date", "PUT", ["If-Unmodified-Since", "0"], PROCEED],
])("%s", (_name, method, fields, plan) => {
  expect(evaluateConditions(method, fields, V, NOW)).toEqual(plan);
});

test("without Last-Modified the Date is compared, and without both the field is ignored", () => {
  const fields = ["If-Modified-Since", formatHttpDate(NOW)];
  expect(evaluateConditions("GET", fields, { date: NOW }, NOW)).toEqual(notModified("if-modified-since"));
  expect(evaluateConditions("GET", fields, { date: NOW + 1000 }, NOW)).toEqual(PROCEED);
  expect(evaluateConditions("GET", fields, {}, NOW)).toEqual(PROCEED);
  expect(evaluateConditions("PUT", ["If-Unmodified-Since", before], { date: NOW }, NOW)).toEqual(PROCEED);
});

test("a representation without a tag matches only the star", () => {
  expect(evaluateConditions("GET", ["If-None-Match", '"a"'], {}, NOW)).toEqual(PROCEED);
  expect(evaluateConditions("GET", ["If-None-Match", "*"], {}, NOW)).toEqual(notModified("if-none-match"));
  expect(evaluateConditions("PUT", ["If-Match", '"a"'], {}, NOW)).toEqual(failed("if-match"));
});

test("tells whether there is a condition", () => {
  expect(hasConditions(["Host", "a", "IF-NONE-MATCH", "x"])).toBe(true);
  expect(hasConditions(["Host", "a", "If-Range", "x", "If-Matches", "y"])).toBe(false);
});
