import { fieldValue, forAll } from "@headgate/testing";
import * as fc from "fast-check";
import { contentRange, formatHttpDate, MAX_RANGES, parseRange, planRange, resolveRange } from "../src/index.ts";

const ranges = (...pairs: [number, number][]) => ({
  kind: "ranges",
  ranges: pairs.map(([first, last]) => ({ first, last })),
});

test.each<[string, object]>([
  ["bytes=0-99", ranges([0, 99])],
  ["BYTES=0-99", ranges([0, 99])],
  ["bytes=0-0", ranges([0, 0])],
  ["bytes=900-", ranges([900, 999])],
  ["bytes=900-5000", ranges([900, 999])],
  ["bytes=-1", ranges([999, 999])],
  ["bytes=-5000", ranges([0, 999])],
  ["bytes=0-", ranges([0, 999])],
  ["bytes=0-9, 500-509", ranges([0, 9], [500, 509])],
  ["bytes=500-509 ,0-9,", ranges([500, 509], [0, 9])],
  ["bytes=0-9,2000-", ranges([0, 9])],
  ["bytes=0-9,-0", ranges([0, 9])],
  ["bytes=0-99,50-149", ranges([0, 149])],
  ["bytes=500-599,0-99,50-149", ranges([0, 149], [500, 599])],
  ["bytes=0-99,100-199", ranges([0, 199])],
  ["bytes=0-9,90-99", ranges([0, 99])],
  ["bytes=0-9,91-99", ranges([0, 9], [91, 99])],
  ["bytes=0-999,5-6", ranges([0, 999])],
  ["bytes=1000-", { kind: "unsatisfiable" }],
  ["bytes=-0", { kind: "unsatisfiable" }],
  ["bytes=1000-1001,2000-", { kind: "unsatisfiable" }],
  ["items=0-9", { kind: "ignore", reason: "unknown-unit" }],
  ["bytes", { kind: "ignore", reason: "malformed" }],
  ["bytes=", { kind: "ignore", reason: "malformed" }],
  ["bytes=-", { kind: "ignore", reason: "malformed" }],
  ["bytes=9-0", { kind: "ignore", reason: "malformed" }],
  ["bytes=a-b", { kind: "ignore", reason: "malformed" }],
  ["bytes=0-9,x", { kind: "ignore", reason: "malformed" }],
  ["bytes=0--9", { kind: "ignore", reason: "malformed" }],
  ["bytes= 0 - 9", { kind: "ignore", reason: "malformed" }],
  [`bytes=${"0-,".repeat(1300)}0-`, { kind: "ignore", reason: "too-many" }],
])("%s of 1000 bytes", (value, plan) => {
  expect(resolveRange(value, 1000)).toEqual(plan);
});

test("nothing of nothing", () => {
  expect(resolveRange("bytes=0-", 0)).toEqual({ kind: "unsatisfiable" });
  expect(resolveRange("bytes=-5", 0)).toEqual({ kind: "whole" });
});

test("as many ranges as allowed are taken", () => {
  const specs = Array.from({ length: MAX_RANGES }, (_, i) => `${i}-${i}`).join(",");
  expect(parseRange(`bytes=${specs}`).kind).toBe("bytes");
  expect(parseRange(`bytes=${specs},99-99`)).toEqual({ kind: "invalid", reason: "too-many" });
});

const MODIFIED = Date.UTC(2025, 0, 1);
const V = { etag: '"a"', lastModified: MODIFIED, date: MODIFIED + 5000 };
const plan = (fields: string[], method = "GET", validators: object = V) =>
  planRange(method, ["Range", "bytes=0-9", ...fields], validators, 1000, 0);

test.each<[string, string[], object, object]>([
  ["no If-Range", [], V, ranges([0, 9])],
  ["the same tag", ["If-Range", '"a"'], V, ranges([0, 9])],
  ["another tag", ["If-Range", '"b"'], V, { kind: "ignore", reason: "if-range" }],
  ["a weak tag", ["If-Range", 'W/"a"'], { ...V, etag: 'W/"a"' }, { kind: "ignore", reason: "if-range" }],
  ["no tag to compare", ["If-Range", '"a"'], {}, { kind: "ignore", reason: "if-range" }],
  ["the same date", ["If-Range", formatHttpDate(MODIFIED)], V, ranges([0, 9])],
  ["a later date", ["If-Range", formatHttpDate(MODIFIED + 1000)], V, { kind: "ignore", reason: "if-range" }],
  [
    "a weak date",
    ["If-Range", formatHttpDate(MODIFIED)],
    { ...V, date: MODIFIED },
    { kind: "ignore", reason: "if-range" },
  ],
  ["no date to compare", ["If-Range", formatHttpDate(MODIFIED)], {}, { kind: "ignore", reason: "if-range" }],
  ["neither tag nor date", ["If-Range", "a"], V, { kind: "ignore", reason: "if-range" }],
  ["two Range fields", ["Range", "bytes=0-9"], V, { kind: "ignore", reason: "repeated" }],
])("If-Range: %s", (_name, fields, validators, expected) => {
  expect(plan(fields, "GET", validators)).toEqual(expected);
});

test("Range counts for GET only, and without it all is sent", () => {
  expect(plan([], "HEAD")).toEqual({ kind: "ignore", reason: "method" });
  expect(planRange("GET", [], V, 1000, 0)).toEqual({ kind: "whole" });
});

test("Content-Range", () => {
  expect(contentRange({ first: 0, last: 9 }, 100)).toBe("bytes 0-9/100");
  expect(contentRange(undefined, 100)).toBe("bytes */100");
});

test("ranges stay within the length, do not overlap, and hold every byte that was asked for", () => {
  const spec = fc.tuple(fc.nat(300), fc.nat(300)).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`);
  forAll(fc.array(spec, { minLength: 1, maxLength: 8 }), fc.integer({ min: 1, max: 250 }), (specs, length) => {
    const result = resolveRange(`bytes=${specs.join(",")}`, length);
    const covered = new Array<number>(length).fill(0);
    if (result.kind === "ranges") {
      for (const { first, last } of result.ranges)
        for (let i = first; i <= last; i += 1) covered[i] = (covered[i] ?? 0) + 1;
    }
    expect(covered.length).toBe(length);
    expect(Math.max(...covered)).toBeLessThan(2);
    for (const text of specs) {
      const [first = 0, last = 0] = text.split("-").map(Number);
      for (let i = first; i <= Math.min(last, length - 1); i += 1) expect(covered[i]).toBe(1);
    }
  });
});

test("no value makes the parser throw", () => {
  forAll(fieldValue(), (value) => resolveRange(`bytes=${value}`, 10).kind !== undefined);
});
