import { type CachePolicyOptions, type CacheRequest, compilePolicy, NO_DEMANDS, planRequest } from "../src/index.ts";
import { aRequest } from "./support.ts";

function plan(request: Partial<CacheRequest>, options: CachePolicyOptions = {}) {
  return planRequest(aRequest(request), compilePolicy(options));
}

function reason(request: Partial<CacheRequest>, options: CachePolicyOptions = {}): string {
  const decided = plan(request, options);
  return decided.kind === "bypass" ? decided.reason : "lookup";
}

describe("the cache takes part", () => {
  test.each(["GET", "HEAD"])("in %s", (method) => {
    expect(plan({ method, path: "/a" })).toMatchObject({ kind: "lookup", key: "http://h/a" });
  });

  test("in QUERY with a digest of its body", () => {
    expect(reason({ method: "QUERY", hasBody: true, bodyDigest: "d" })).toBe("lookup");
    expect(reason({ method: "QUERY", hasBody: true })).toBe("request-body");
  });

  test("a request without demands costs no object for them", () => {
    const fields = ["Host", "h", "User-Agent", "curl/8", "Accept", "*/*", "X-Pragma", "no-cache"];
    expect(plan({ fields }).demands).toBe(NO_DEMANDS);
  });
});

describe("the cache is passed by", () => {
  test.each(["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "M-SEARCH", "get"])("by method %s", (method) => {
    expect(reason({ method })).toBe("method");
  });

  test.each<[string, Partial<CacheRequest>, string]>([
    ["a GET with a body", { hasBody: true }, "request-body"],
    ["no-store", { fields: ["Cache-Control", "max-age=1", "cache-control", "no-store"] }, "no-store"],
    ["Upgrade", { fields: ["Upgrade", "websocket"] }, "upgrade"],
    ["If-Match, which only the origin can judge", { fields: ["If-Match", '"a"'] }, "precondition"],
    ["If-Unmodified-Since", { fields: ["If-Unmodified-Since", "x"] }, "precondition"],
  ])("by %s", (_name, request, expected) => expect(reason(request)).toBe(expected));

  test("by rules of the route", () => {
    const bypass = { headers: ["X-Preview"], cookies: ["session"], query: ["nocache", "debug_*"] };
    expect(reason({ fields: ["x-preview", ""] }, { bypass })).toBe("bypass-header");
    expect(reason({ fields: ["Cookie", "a=1; session=2"] }, { bypass })).toBe("bypass-cookie");
    expect(reason({ fields: ["Cookie", "a=session=2"] }, { bypass })).toBe("lookup");
    expect(reason({ path: "/?a=1&nocache" }, { bypass })).toBe("bypass-query");
    expect(reason({ path: "/?debug_x=1" }, { bypass })).toBe("bypass-query");
    expect(reason({ path: "/nocache" }, { bypass })).toBe("lookup");
    expect(reason({ fields: ["Cookie", "session=2"] }, { bypass, key: { cookies: [] } })).toBe("bypass-cookie");
  });

  test("not by Cache-Control, where the route takes no notice of it", () => {
    const decided = plan({ fields: ["Cache-Control", "no-store"] }, { ignoreRequestControl: true });
    expect(decided).toMatchObject({ kind: "lookup", demands: { control: undefined } });
  });
});

test("demands are read from any spelling, and lines are joined", () => {
  const fields = [
    "cache-control",
    "max-age=1",
    "CACHE-CONTROL",
    "min-fresh=2",
    "RANGE",
    "bytes=0-",
    "if-none-match",
    "*",
  ];
  const more = ["Authorization", "x", "cookie", "a=b"];
  expect(plan({ fields: [...fields, ...more] }).demands).toMatchObject({
    control: { maxAge: 1000, minFresh: 2000 },
    range: true,
    conditional: true,
    authorization: true,
    cookie: true,
    precondition: false,
    upgrade: false,
  });
});
