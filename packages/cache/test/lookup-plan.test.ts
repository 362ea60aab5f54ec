import { type LookupPlan, planLookup, readDemands, type StoredEntry } from "../src/index.ts";
import { anEntry, aRequest, aResponse, NOW, type ResponseChanges, SECOND } from "./support.ts";

interface Asked {
  readonly fields?: string[];
  readonly identity?: string | null;
  readonly method?: string;
  /** Seconds after `NOW`. */
  readonly at?: number;
  readonly policy?: ResponseChanges["policy"];
}

function lookUp(variants: readonly StoredEntry[], asked: Asked = {}): LookupPlan {
  const { fields = [], identity = null, method = "GET", at = 0, policy = {} } = asked;
  const request = aRequest({ method, fields, identity });
  const demands = readDemands(fields, aResponse({ policy }).policy);
  return planLookup(request, demands, variants, NOW + at * SECOND);
}

function cached(cacheControl: string, ...fields: string[]): StoredEntry {
  return anEntry("body", { fields: ["Cache-Control", cacheControl, ...fields] });
}

/** A plan in a word: its kind, and why. */
function told(plan: LookupPlan): string {
  return "why" in plan ? `${plan.kind}: ${plan.why}` : plan.kind;
}

describe("a fresh entry", () => {
  test("is a hit, with its age and what is left", () => {
    const entry = cached("max-age=60", "Age", "10");
    expect(lookUp([entry], { at: 5 })).toEqual({ kind: "hit", entry, age: 15 * SECOND, ttl: 45 * SECOND });
  });

  test("is fresh up to its lifetime, and not at it", () => {
    expect(told(lookUp([cached("max-age=60")], { at: 59.999 }))).toBe("hit");
    expect(told(lookUp([cached("max-age=60")], { at: 60 }))).toBe("miss: stale");
  });

  test("answers HEAD too", () => {
    expect(told(lookUp([cached("max-age=60")], { method: "HEAD" }))).toBe("hit");
  });

  test.each<[string, string]>([
    ["max-age=5", "hit"],
    ["max-age=4", "revalidate: request-max-age"],
    ["max-age=0", "revalidate: request-max-age"],
    ["min-fresh=55", "hit"],
    ["min-fresh=56", "revalidate: request-min-fresh"],
    ["no-cache", "revalidate: request-no-cache"],
    ["only-if-cached", "hit"],
    ["only-if-cached, no-cache", "unsatisfiable"],
    ["max-stale=5", "hit"],
  ])("5 s old of 60, for a request with %s", (cacheControl, expected) => {
    const entry = cached("max-age=60", "ETag", '"a"');
    expect(told(lookUp([entry], { at: 5, fields: ["Cache-Control", cacheControl] }))).toBe(expected);
  });

  test("that never changes is reloaded only for no-cache (RFC 8246)", () => {
    const entry = cached("max-age=60, immutable", "ETag", '"a"');
    expect(told(lookUp([entry], { at: 5, fields: ["Cache-Control", "max-age=0"] }))).toBe("hit");
    expect(told(lookUp([entry], { at: 5, fields: ["Cache-Control", "no-cache"] }))).toBe(
      "revalidate: request-no-cache",
    );
    expect(told(lookUp([entry], { at: 65, fields: ["Cache-Control", "max-age=0"] }))).toBe(
      "revalidate: request-max-age",
    );
  });

  test("with no-cache is validated at each use", () => {
    const entry = cached("max-age=60, no-cache", "ETag", '"a"');
    const conditions = ["If-None-Match", '"a"'];
    expect(lookUp([entry])).toEqual({ kind: "revalidate", entry, conditions, why: "no-cache" });
  });

  test("the route may leave Cache-Control of requests unheeded", () => {
    const policy = { ignoreRequestControl: true };
    expect(told(lookUp([cached("max-age=60")], { policy, fields: ["Cache-Control", "no-cache"] }))).toBe("hit");
  });
});

describe("a stale entry", () => {
  test("is validated by all that it has", () => {
    const entry = cached("max-age=1", "ETag", 'W/"a"', "Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT");
    const conditions = ["If-None-Match", 'W/"a"', "If-Modified-Since", "Thu, 01 Jan 2026 00:00:00 GMT"];
    expect(lookUp([entry], { at: 1 })).toEqual({ kind: "revalidate", entry, conditions, why: "stale" });
  });

  test("without a validator is what to fall back to", () => {
    const entry = cached("max-age=1", "Last-Modified", "yesterday");
    expect(lookUp([entry], { at: 1 })).toEqual({ kind: "miss", why: "stale", fallback: entry });
  });

  test("within stale-while-revalidate is served, and validated behind the scenes", () => {
    const entry = cached("max-age=1, stale-while-revalidate=2");
    const [age, ttl] = [2 * SECOND, -1 * SECOND];
    const plan = { kind: "stale", entry, age, ttl, why: "stale-while-revalidate", revalidate: true };
    expect(lookUp([entry], { at: 2 })).toEqual(plan);
    expect(told(lookUp([entry], { at: 3 }))).toBe("miss: stale");
  });

  test("is served so even with s-maxage, but not against must-revalidate", () => {
    const swr = "stale-while-revalidate=9";
    expect(told(lookUp([cached(`s-maxage=1, ${swr}`)], { at: 2 }))).toBe("stale: stale-while-revalidate");
    expect(told(lookUp([cached(`max-age=1, must-revalidate, ${swr}`)], { at: 0 }))).toBe("hit");
    expect(told(lookUp([cached(`max-age=1, proxy-revalidate, ${swr}`, "ETag", "a")], { at: 2 }))).toBe(
      "revalidate: stale",
    );
  });

  test.each<[string, string, string]>([
    ["max-age=1", "max-stale", "stale: max-stale"],
    ["max-age=1", "max-stale=4", "stale: max-stale"],
    ["max-age=1", "max-stale=3", "miss: stale"],
    ["max-age=1", "max-stale, max-age=2", "miss: request-max-age"],
    ["s-maxage=1", "max-stale", "miss: stale"],
    ["max-age=1, must-revalidate", "max-stale", "miss: stale"],
    ["max-age=1", "only-if-cached", "unsatisfiable"],
    ["max-age=1", "only-if-cached, max-stale", "stale: max-stale"],
  ])("of %s, 5 s old, for a request with %s", (stored, asked, expected) => {
    expect(told(lookUp([cached(stored)], { at: 5, fields: ["Cache-Control", asked] }))).toBe(expected);
  });
});

describe("among several", () => {
  const vary = (value: string, foo: string, cacheControl = "public, max-age=60") =>
    anEntry(value, { request: { fields: ["Foo", foo] }, fields: ["Cache-Control", cacheControl, "Vary", "Foo"] });
  const own = (identity: string) =>
    anEntry(identity, { request: { identity }, fields: ["Cache-Control", "max-age=60"] });

  test("the one that was selected alike answers", () => {
    const variants = [vary("two", "2"), vary("one", "1")];
    expect(lookUp(variants, { fields: ["Foo", "1"] })).toMatchObject({ kind: "hit", entry: variants[1] });
  });

  test("of two the newest", () => {
    const variants = [cached("max-age=60"), cached("max-age=60")];
    expect(lookUp(variants)).toMatchObject({ entry: variants[0] });
  });

  test.each<[string, StoredEntry[], string]>([
    ["nothing is stored", [], "miss: uri-miss"],
    ["another Foo", [vary("one", "1")], "miss: vary-miss"],
    ["another's", [own("alice")], "miss: identity-miss"],
    ["another's and another Foo", [own("alice"), vary("one", "1")], "miss: vary-miss"],
  ])("%s", (_name, variants, expected) => {
    expect(told(lookUp(variants, { identity: "bob", fields: ["Foo", "2"] }))).toBe(expected);
  });

  test("only-if-cached without any is unsatisfiable", () => {
    expect(lookUp([], { fields: ["Cache-Control", "only-if-cached"] })).toEqual({ kind: "unsatisfiable" });
  });

  test("an entry of our own lifetime does not answer a request with cookies", () => {
    const policy = { ttl: 60 * SECOND };
    const variants = [anEntry("anonymous", { policy })];
    const fields = ["Cookie", "session=1"];
    expect(told(lookUp(variants, { policy }))).toBe("hit");
    expect(told(lookUp(variants, { policy, fields }))).toBe("miss: cookie-miss");
    expect(told(lookUp(variants, { policy: { ...policy, key: { cookies: [] } }, fields }))).toBe("hit");
    expect(told(lookUp([cached("max-age=60")], { fields }))).toBe("hit");
  });
});
