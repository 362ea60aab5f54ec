import { fieldValue, forAll } from "@headgate/testing";
import { readAge } from "../src/delta-seconds.ts";
import { parseDirectives } from "../src/directives.ts";
import { readRequestControl } from "../src/request-control.ts";
import { readResponseControl } from "../src/response-control.ts";

function pairs(value: string): (string | undefined)[][] {
  return parseDirectives(value).map(({ name, argument }) => [name, argument]);
}

describe("Cache-Control is read by its grammar", () => {
  test.each<[string, (string | undefined)[][]]>([
    ["", []],
    ["no-store", [["no-store", undefined]]],
    [
      "No-STORE, MAX-age=5",
      [
        ["no-store", undefined],
        ["max-age", "5"],
      ],
    ],
    ['max-age="5"', [["max-age", "5"]]],
    [
      'ext="max-age=9", max-age=1',
      [
        ["ext", "max-age=9"],
        ["max-age", "1"],
      ],
    ],
    ['ext="a\\"b,c"', [["ext", 'a"b,c']]],
    [
      ",, a,,b ,",
      [
        ["a", undefined],
        ["b", undefined],
      ],
    ],
    ["max-age =5, b", [["b", undefined]]],
    ["max-age= 5", [["max-age", " 5"]]],
    ["a=", [["a", ""]]],
    ["=a, ok", [["ok", undefined]]],
  ])("%j", (value, expected) => expect(pairs(value)).toEqual(expected));

  test("whatever the value is, nothing throws", () => {
    forAll(fieldValue(), (value) => {
      parseDirectives(value);
      readRequestControl(value, value);
      readResponseControl(["Cache-Control", value, "CDN-Cache-Control", value], ["cdn-cache-control"]);
      readAge(["Age", value]);
      return true;
    });
  });
});

describe("Age", () => {
  test.each<[string[], number]>([
    [[], 0],
    [["30"], 30_000],
    [["0030"], 30_000],
    [["7200, 0"], 7_200_000],
    [["0", "7200"], 0],
    [["2147483649"], 2 ** 31 * 1000],
    [["99999999999999999999"], 2 ** 31 * 1000],
    [["-1"], 0],
    [["abc"], 0],
    [["7200.0"], 0],
    [["7200;a=1"], 0],
    [["abc, 10"], 0],
  ])("%j is %d ms", (values, expected) => expect(readAge(values.flatMap((value) => ["Age", value]))).toBe(expected));
});

describe("what a request asks for", () => {
  test("each directive, in ms", () => {
    const control = readRequestControl(
      "no-cache, no-store, only-if-cached, max-age=1, min-fresh=2, max-stale=3, stale-if-error=4, unknown=5",
      undefined,
    );
    expect(control).toEqual({
      noCache: true,
      noStore: true,
      onlyIfCached: true,
      maxAge: 1000,
      minFresh: 2000,
      maxStale: 3000,
      staleIfError: 4000,
    });
  });

  test("max-stale without a value is any staleness, with a wrong one none", () => {
    expect(readRequestControl("max-stale", undefined).maxStale).toBe(Number.POSITIVE_INFINITY);
    expect(readRequestControl("max-stale=x", undefined).maxStale).toBeUndefined();
  });

  test("what is no number is ignored", () => {
    expect(readRequestControl("max-age=x, min-fresh=1.5", undefined)).toMatchObject({
      maxAge: undefined,
      minFresh: undefined,
    });
  });

  test("Pragma counts only where there is no Cache-Control", () => {
    expect(readRequestControl(undefined, "no-cache").noCache).toBe(true);
    expect(readRequestControl(undefined, "other").noCache).toBe(false);
    expect(readRequestControl("max-age=5", "no-cache").noCache).toBe(false);
  });
});
