import { planStore } from "../src/index.ts";
import { anEntry, aResponse, httpDate, NOW, type ResponseChanges, SECOND } from "./support.ts";

const FRESH = ["Cache-Control", "max-age=60"];

function verdict(changes: ResponseChanges): string {
  const plan = planStore(aResponse(changes));
  return plan.kind === "pass" ? plan.reason : "store";
}

describe("stored or not", () => {
  test.each<[string, ResponseChanges, string]>([
    ["a fresh 200", { fields: FRESH }, "store"],
    ["nothing said", {}, "no-freshness"],
    ["a validator is enough", { fields: ["ETag", '"a"'] }, "store"],
    ["stale without a validator", { fields: ["Cache-Control", "max-age=0"] }, "expired"],
    ["stale with stale-if-error", { fields: ["Cache-Control", "max-age=0, stale-if-error=9"] }, "store"],
    ["stale on arrival, for when the origin is gone", { fields: [...FRESH, "Age", "90"] }, "store"],
    [
      "the same under must-revalidate",
      { fields: ["Cache-Control", "max-age=60, must-revalidate", "Age", "90"] },
      "expired",
    ],
    ["no-store", { fields: ["Cache-Control", "max-age=60, no-store"] }, "no-store"],
    ["private", { fields: ["Cache-Control", "max-age=60, private"] }, "private"],
    ["private as to one field", { fields: ["Cache-Control", 'max-age=60, private="a"'] }, "store"],
    ["no-cache with a validator", { fields: ["Cache-Control", "no-cache", "ETag", '"a"'] }, "store"],
    ["no-cache without one", { fields: ["Cache-Control", "max-age=60, no-cache"] }, "no-cache"],
    ["Vary: *", { fields: [...FRESH, "Vary", "*"] }, "vary-star"],
    ["an endless stream", { fields: ["Content-Type", "text/event-stream;x", "ETag", "a"] }, "event-stream"],
    ["a stream that says how long", { fields: ["Content-Type", "text/event-stream", ...FRESH] }, "store"],
    ["too large", { fields: [...FRESH, "Content-Length", "101"], policy: { maxObject: 100 } }, "too-large"],
    ["just not too large", { fields: [...FRESH, "Content-Length", "100"], policy: { maxObject: 100 } }, "store"],
    [
      "the request said no-store",
      { fields: FRESH, request: { fields: ["Cache-Control", "no-store"] } },
      "request-no-store",
    ],
    ["the request had a body", { fields: FRESH, request: { hasBody: true } }, "request-body"],
    ["QUERY with a digest", { fields: FRESH, request: { method: "QUERY", hasBody: true, bodyDigest: "d" } }, "store"],
    ["QUERY without", { fields: FRESH, request: { method: "QUERY", hasBody: true } }, "request-body"],
    ["HEAD", { fields: FRESH, request: { method: "HEAD" } }, "method"],
    ["PUT", { fields: FRESH, request: { method: "PUT" } }, "method"],
    ["the default lifetime", { policy: { ttl: SECOND } }, "store"],
    ["but with a cookie", { policy: { ttl: SECOND }, request: { fields: ["Cookie", "a=b"] } }, "cookie"],
  ])("%s", (_name, changes, expected) => expect(verdict(changes)).toBe(expected));

  test.each([299, 302, 303, 307, 400, 403, 499, 500, 502, 503, 504, 599])("a fresh %d is stored", (status) => {
    expect(verdict({ status, fields: FRESH })).toBe("store");
    expect(verdict({ status, fields: ["ETag", '"a"'] })).toBe("status");
  });

  test.each([100, 101, 102, 103, 304, 412, 416])("a %d never is", (status) => {
    expect(verdict({ status, fields: FRESH })).toBe("status");
  });

  test("must-understand: only known statuses, and then against no-store", () => {
    const fields = ["Cache-Control", "max-age=60, must-understand, no-store"];
    expect(verdict({ fields })).toBe("store");
    expect(verdict({ status: 599, fields })).toBe("must-understand");
  });
});

describe("Authorization (RFC 9111 §3.5)", () => {
  const request = { fields: ["Authorization", "Basic x"] };

  test.each<[string, string]>([
    ["max-age=60", "authorization"],
    ["max-age=60, proxy-revalidate", "authorization"],
    ["max-age=60, public", "store"],
    ["max-age=60, must-revalidate", "store"],
    ["s-maxage=60", "store"],
  ])("%s", (cacheControl, expected) => {
    expect(verdict({ request, fields: ["Cache-Control", cacheControl] })).toBe(expected);
  });
});

describe("who it is for", () => {
  const request = { identity: "alice" };

  test.each<[string, string | null]>([
    ["max-age=60", "alice"],
    ["max-age=60, must-revalidate", "alice"],
    ["max-age=60, public", null],
    ["s-maxage=60", null],
  ])("%s", (cacheControl, expected) => {
    const shared = expected === null;
    expect(anEntry("", { request, fields: ["Cache-Control", cacheControl] })).toMatchObject({
      shared,
      identity: expected,
    });
  });
});

describe("Set-Cookie", () => {
  const explicit = [...FRESH, "Set-Cookie", "a=b"];
  const guessed = ["Last-Modified", httpDate(-1000), "Set-Cookie", "a=b"];

  test.each<["explicit" | "refuse" | "strip" | "store", string, string]>([
    ["explicit", "store", "set-cookie"],
    ["refuse", "set-cookie", "set-cookie"],
    ["strip", "store", "store"],
    ["store", "store", "store"],
  ])("%s", (setCookie, whenExplicit, whenGuessed) => {
    const policy = { setCookie };
    expect(verdict({ policy, fields: explicit })).toBe(whenExplicit);
    expect(verdict({ policy, fields: guessed })).toBe(whenGuessed);
  });

  test("does not matter where the response itself keeps it from being stored", () => {
    const fields = [...guessed, "Cache-Control", 'private="Set-Cookie"'];
    expect(anEntry("", { policy: { setCookie: "refuse" }, fields }).fields).not.toContain("Set-Cookie");
  });

  test("strip leaves it out, the others keep it", () => {
    expect(anEntry("", { policy: { setCookie: "strip" }, fields: explicit }).fields).not.toContain("Set-Cookie");
    expect(anEntry("", { fields: explicit }).fields).toContain("Set-Cookie");
  });
});

describe("POST (RFC 9110 §9.3.3)", () => {
  const request = { method: "POST", hasBody: true, path: "/a?b" };

  test.each<[string, string[], number, string]>([
    ["its own URL and a lifetime", ["Content-Location", "/a?b", ...FRESH], 200, "store"],
    ["an absolute URL", ["Content-Location", "http://h/a?b", ...FRESH], 200, "store"],
    ["another URL", ["Content-Location", "/a", ...FRESH], 200, "method"],
    ["another origin", ["Content-Location", "https://h/a?b", ...FRESH], 200, "method"],
    ["no Content-Location", FRESH, 200, "method"],
    ["only a guess", ["Content-Location", "/a?b", "Last-Modified", httpDate(-1000)], 200, "method"],
    ["an error", ["Content-Location", "/a?b", ...FRESH], 404, "method"],
  ])("%s", (_name, fields, status, expected) => expect(verdict({ request, status, fields })).toBe(expected));
});

describe("206", () => {
  const request = { fields: ["Range", "bytes=0-4"] };
  const fields = [...FRESH, "Content-Range", "bytes 0-4/10"];

  test("is stored as a part", () => {
    const part = { first: 0, last: 4, total: 10, asked: "bytes=0-4" };
    expect(planStore(aResponse({ status: 206, request, fields }))).toMatchObject({ kind: "store", head: { part } });
  });

  test.each<[string, ResponseChanges]>([
    ["without Content-Range", { request, fields: FRESH }],
    ["in several parts", { request, fields: [...FRESH, "Content-Type", "multipart/byteranges; boundary=x"] }],
    ["of another unit", { request, fields: [...FRESH, "Content-Range", "lines 0-4/10"] }],
    ["that makes no sense", { request, fields: [...FRESH, "Content-Range", "bytes 4-2/10"] }],
    ["beyond its end", { request, fields: [...FRESH, "Content-Range", "bytes 4-10/10"] }],
    ["that nobody asked for", { fields }],
  ])("is not stored %s", (_name, changes) => expect(verdict({ status: 206, ...changes })).toBe("partial"));

  test("Content-Range of a 200 means nothing", () => {
    expect(anEntry("abc", { fields: [...FRESH, "Content-Range", "bytes 0-4/10"] }).part).toBeNull();
  });
});

describe("what is stored", () => {
  test("end-to-end fields, without Age and what one proxy needed", () => {
    const dropped = ["Connection", "x-a, close", "X-A", "1", "Keep-Alive", "x", "TE", "x", "Age", "3", "Trailer", "x"];
    const proxy = ["Proxy-Authenticate", "x", "Proxy-Authentication-Info", "x", "Proxy-Authorization", "x"];
    const kept = ["X-B", "2", "Date", httpDate(0), "Content-Length", "2", "Warning", "x"];
    const entry = anEntry("ab", { fields: [...dropped, ...proxy, ...FRESH, ...kept] });
    expect(entry.fields).toEqual([...FRESH, ...kept]);
  });

  test("without what no-cache and private name", () => {
    const fields = ["Cache-Control", 'max-age=60, no-cache="x-a", private="X-B"', "X-A", "1", "x-b", "2", "X-C", "3"];
    const { fields: kept } = anEntry("", { fields });
    expect(kept).toEqual(expect.arrayContaining(["X-C"]));
    expect(kept).not.toEqual(expect.arrayContaining(["X-A"]));
    expect(kept).not.toEqual(expect.arrayContaining(["x-b"]));
  });

  test.each(["", "foo"])("with a Date, for one that is %j", (value) => {
    const fields = value === "" ? FRESH : [...FRESH, "Date", value];
    const kept = anEntry("", { fields }).fields;
    expect(kept[kept.indexOf("Date") + 1]).toBe(httpDate(0));
  });

  test("when it is stale, and what of it may then be used", () => {
    const rule = (cacheControl: string) => anEntry("", { fields: ["Cache-Control", cacheControl, "ETag", "a"] }).stale;
    expect(rule("max-age=1")).toBe("allowed");
    expect(rule("s-maxage=1")).toBe("explicit");
    expect(["must-revalidate", "proxy-revalidate", "no-cache", "s-maxage=1, must-revalidate"].map(rule)).toEqual(
      Array(4).fill("forbidden"),
    );
  });

  test("for how long it is of use", () => {
    const keep = 100 * SECOND;
    const until = (cacheControl: string, ...more: string[]) =>
      (anEntry("", { policy: { keep }, fields: ["Cache-Control", cacheControl, ...more] }).keepUntil - NOW) / SECOND;
    expect(until("max-age=60")).toBe(160);
    expect(until("max-age=60, must-revalidate")).toBe(60);
    expect(until("max-age=60, must-revalidate", "ETag", "a")).toBe(160);
    expect(until("s-maxage=60")).toBe(60);
    expect(until("s-maxage=60, stale-if-error=30")).toBe(90);
    expect(until("max-age=60, stale-while-revalidate=300")).toBe(360);
    expect(until("max-age=0, no-cache", "ETag", "a")).toBe(100);
  });

  test("its tags, each once", () => {
    const fields = [...FRESH, "Surrogate-Key", "a b", "Cache-Tag", "b, c d", "surrogate-key", "e"];
    expect(new Set(anEntry("", { fields }).tags)).toEqual(new Set(["a", "b", "c d", "e"]));
    expect(anEntry("", { fields: FRESH }).tags).toEqual([]);
  });

  test("its language, where that was negotiated and is one", () => {
    const language = (...fields: string[]) => anEntry("", { fields: [...FRESH, ...fields] }).language;
    expect(language("Vary", "Accept-Language", "Content-Language", "DE")).toBe("de");
    expect(language("Vary", "Accept-Language", "Content-Language", "de, en")).toBeUndefined();
    expect(language("Content-Language", "de")).toBeUndefined();
  });
});
