import { type ResponseControl, readResponseControl } from "../src/response-control.ts";

function read(...fields: string[]): ResponseControl {
  return readResponseControl(fields, ["headgate-cache-control", "cdn-cache-control"]);
}

describe("Cache-Control of responses", () => {
  test("flags", () => {
    const control = read(
      "Cache-Control",
      "no-store, public, must-revalidate, proxy-revalidate, must-understand, immutable",
    );
    expect(control).toMatchObject({
      noStore: true,
      isPublic: true,
      mustRevalidate: true,
      proxyRevalidate: true,
      mustUnderstand: true,
      immutable: true,
      targeted: false,
    });
  });

  test.each<[string, number | undefined]>([
    ["max-age=003600", 3_600_000],
    ['max-age="60"', 60_000],
    ["max-age=2147483649", 2 ** 31 * 1000],
    ["max-age=5, max-age=60", 5000],
    ["max-age=-1", 0],
    ["max-age=1.5", 0],
    ["max-age='60'", 0],
    ["max-age", 0],
    ["public", undefined],
  ])("%s lasts %d ms", (value, expected) => expect(read("Cache-Control", value).maxAge).toBe(expected));

  test("stale-while-revalidate, stale-if-error and s-maxage, over several lines", () => {
    const control = read("Cache-Control", "s-maxage=1, stale-while-revalidate=2", "cache-control", "stale-if-error=3");
    expect(control).toMatchObject({ sMaxage: 1000, staleWhileRevalidate: 2000, staleIfError: 3000 });
  });

  test("no-cache and private with names withhold those fields alone", () => {
    const control = read("Cache-Control", 'no-cache="A, b", private="Set-Cookie"');
    expect(control).toMatchObject({ noCache: false, isPrivate: false, withheld: ["a", "b", "set-cookie"] });
  });

  test.each(['no-cache="a", no-cache', 'no-cache, no-cache="a"', "no-cache", 'no-cache=""'])(
    "%s is unqualified",
    (value) => expect(read("Cache-Control", value).noCache).toBe(true),
  );
});

describe("targeted fields (RFC 9213)", () => {
  test("take the place of Cache-Control and Expires", () => {
    const control = read("Cache-Control", "no-store, max-age=1", "CDN-Cache-Control", "max-age=60");
    expect(control).toMatchObject({ targeted: true, noStore: false, maxAge: 60_000 });
  });

  test("the first of the list counts", () => {
    const control = read("CDN-Cache-Control", "max-age=60", "Headgate-Cache-Control", "max-age=5");
    expect(control.maxAge).toBe(5000);
  });

  test.each<[string, string]>([
    ["empty", ""],
    ["malformed", "max-age=60,,"],
    ["keys in upper case", "Max-Age=60"],
  ])("%s: ignored as a whole", (_why, value) => {
    expect(read("CDN-Cache-Control", value, "Cache-Control", "max-age=7")).toMatchObject({
      targeted: false,
      maxAge: 7000,
    });
  });

  test.each(['max-age="60"', "max-age=60.0", "max-age", "max-age=(1 2)", "no-store=1", "no-store=?0", "no-cache=5"])(
    "%s: a member of the wrong type is ignored, Cache-Control all the same",
    (value) => {
      expect(read("CDN-Cache-Control", value, "Cache-Control", "max-age=7")).toMatchObject({
        targeted: true,
        maxAge: undefined,
        noStore: false,
        noCache: false,
      });
    },
  );

  test("parameters do not matter, negative numbers are stale, lists of names are strings", () => {
    expect(read("CDN-Cache-Control", "max-age=60;x=1").maxAge).toBe(60_000);
    expect(read("CDN-Cache-Control", "max-age=-60").maxAge).toBe(0);
    expect(read("CDN-Cache-Control", 'private="a b", max-age=1').isPrivate).toBe(false);
    expect(read("CDN-Cache-Control", "private").isPrivate).toBe(true);
  });
});
