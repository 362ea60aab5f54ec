import { getField, joinField } from "@headgate/http";
import type { CachePolicyOptions } from "../src/index.ts";
import { type ModelAnswer, ModelCache, type ModelRequest, type ModelResponse, type Upstream } from "./model.ts";

const SECOND = 1000;
const FRESH = ["Cache-Control", "max-age=60"];

/** A cache before an origin that counts its answers in their bodies, and keeps the requests it saw. */
function aCache(
  answer: (request: Parameters<Upstream>[0], count: number) => ModelAnswer | undefined,
  options?: CachePolicyOptions,
) {
  const seen: Parameters<Upstream>[0][] = [];
  const cache = new ModelCache((request) => {
    seen.push(request);
    const given = answer(request, seen.length);
    return given === undefined ? undefined : { body: request.method === "HEAD" ? "" : `#${seen.length}`, ...given };
  }, options);
  return { cache, seen, get: (request: ModelRequest = {}): ModelResponse => cache.send(request) };
}

function field({ fields }: ModelResponse, name: string): string | undefined {
  return joinField([...fields], name);
}

describe("a response is reused", () => {
  test("while it is fresh, with its Age", () => {
    const { cache, get } = aCache(() => ({ status: 200, fields: FRESH }));
    expect(get()).toMatchObject({ body: "#1", cached: false });
    cache.now += 2.9 * SECOND;
    const again = get();
    expect([again.body, again.cached, field(again, "age")]).toEqual(["#1", true, "2"]);
    cache.now += 57.2 * SECOND;
    expect(get().body).toBe("#2");
  });

  test("for each query apart", () => {
    const { get } = aCache(() => ({ status: 200, fields: FRESH }));
    expect(["/?a=1", "/?a=2", "/?a=1"].map((path) => get({ path }).body)).toEqual(["#1", "#2", "#1"]);
  });

  test("for a request with a cookie, and with the cookie that it sets itself", () => {
    const { get } = aCache(() => ({ status: 200, fields: [...FRESH, "Set-Cookie", "a=b"] }));
    get();
    const again = get({ fields: ["Cookie", "c=d"] });
    expect([again.body, field(again, "set-cookie")]).toEqual(["#1", "a=b"]);
  });

  test("from two variants, and not by a third", () => {
    const { get } = aCache(() => ({ status: 200, fields: [...FRESH, "Vary", "Foo"] }));
    const bodies = ["1", "2", "1", "2", "3"].map((foo) => get({ fields: ["Foo", foo] }).body);
    expect(bodies).toEqual(["#1", "#2", "#1", "#2", "#3"]);
  });

  test("of a POST by GET, where it says that it is the same", () => {
    const { get } = aCache(() => ({ status: 200, fields: [...FRESH, "Content-Location", "/a"] }));
    get({ method: "POST", path: "/a", body: "x" });
    expect(get({ path: "/a" })).toMatchObject({ body: "#1", cached: true });
  });

  test("of a QUERY by the same question alone", () => {
    const { get } = aCache(() => ({ status: 200, fields: FRESH }));
    const ask = (body: string) => get({ method: "QUERY", body }).body;
    expect([ask("a"), ask("b"), ask("a"), get().body]).toEqual(["#1", "#2", "#1", "#3"]);
  });
});

describe("a stale response is validated", () => {
  const etag = ["ETag", '"v1"'];
  const origin: Upstream = (request) => {
    const isCurrent = getField(request.fields, "if-none-match") === '"v1"';
    return { status: isCurrent ? 304 : 200, fields: ["Cache-Control", "max-age=2", ...etag] };
  };

  test("and is fresh again after a 304", () => {
    const { cache, seen, get } = aCache(origin);
    get();
    cache.now += 3 * SECOND;
    expect(get()).toMatchObject({ status: 200, body: "#1", how: "refreshed" });
    expect(get()).toMatchObject({ body: "#1", how: "hit" });
    expect(seen).toHaveLength(2);
  });

  test("with the fields that selected it", () => {
    const { cache, seen, get } = aCache(() => ({
      status: 200,
      fields: ["Cache-Control", "max-age=2", "Vary", "Abc", ...etag],
    }));
    get({ fields: ["Abc", "1"] });
    cache.now += 3 * SECOND;
    get({ fields: ["Abc", "1"] });
    expect(seen[1]?.fields).toEqual(["Abc", "1", "If-None-Match", '"v1"']);
  });

  test("for a client that has it, which gets its own 304", () => {
    const { cache, get } = aCache(origin);
    get();
    cache.now += 3 * SECOND;
    const response = get({ fields: ["If-None-Match", '"v0", "v1"'] });
    expect([response.status, field(response, "etag"), response.body]).toEqual([304, '"v1"', ""]);
  });

  test("and asked for anew where the 304 is about something else", () => {
    const { cache, seen, get } = aCache((request) => {
      const asksIf = getField(request.fields, "if-none-match") !== undefined;
      return { status: asksIf ? 304 : 200, fields: ["Cache-Control", "max-age=2", "ETag", asksIf ? '"v2"' : '"v1"'] };
    });
    get();
    cache.now += 3 * SECOND;
    expect(get()).toMatchObject({ status: 200, body: "#3" });
    expect(seen).toHaveLength(3);
  });

  test("and goes where the 304 forbids to keep it", () => {
    const { cache, get } = aCache((_request, count) => {
      return {
        status: count === 2 ? 304 : 200,
        fields: ["Cache-Control", count === 2 ? "no-store" : "max-age=2", ...etag],
      };
    });
    get();
    cache.now += 3 * SECOND;
    expect([get().body, get().body]).toEqual(["#1", "#3"]);
  });
});

describe("HEAD", () => {
  const origin =
    (length: string): Upstream =>
    (request) => {
      const lasts = request.method === "HEAD" ? "max-age=100" : "max-age=2";
      return {
        status: 200,
        body: request.method === "HEAD" ? "" : "body",
        fields: ["Cache-Control", lasts, "Content-Length", length],
      };
    };

  test("is answered from a GET, without its body", () => {
    const { get } = aCache(() => ({ status: 200, fields: FRESH }));
    get();
    const head = get({ method: "HEAD" });
    expect([head.cached, head.body, field(head, "content-length")]).toEqual([true, "", "2"]);
  });

  test("refreshes a stale GET where nothing has changed", () => {
    const { cache, get } = aCache(origin("4"));
    get();
    cache.now += 3 * SECOND;
    expect(get({ method: "HEAD" }).cached).toBe(false);
    expect(get()).toMatchObject({ body: "body", cached: true });
  });

  test("alone fills nothing", () => {
    const { seen, get } = aCache(origin("4"));
    get({ method: "HEAD" });
    get();
    expect(seen).toHaveLength(2);
  });
});

describe("an unsafe request", () => {
  const after = (method: string, status: number, fields: string[] = []): boolean => {
    const { get } = aCache((request) =>
      request.method === "GET" ? { status: 200, fields: FRESH } : { status, fields },
    );
    get({ path: "/x" });
    get({ method, path: fields.length === 0 ? "/x" : "/y", body: "b" });
    return get({ path: "/x" }).cached;
  };

  test.each(["POST", "PUT", "DELETE", "PATCH", "M-SEARCH"])(
    "%s takes its URL out of the cache, if it succeeds",
    (method) => {
      expect([after(method, 204), after(method, 303), after(method, 500), after(method, 404)]).toEqual([
        false,
        false,
        true,
        true,
      ]);
    },
  );

  test("and the URLs that it speaks of", () => {
    expect(after("POST", 201, ["Location", "/x"])).toBe(false);
    expect(after("PUT", 200, ["Content-Location", "http://h/x"])).toBe(false);
    expect(after("PUT", 200, ["Location", "http://other/x"])).toBe(true);
  });
});

describe("when upstream fails", () => {
  const failing = (cacheControl: string, failure: ModelAnswer | undefined) => {
    const { cache, get } = aCache((_request, count) => {
      return count === 1 ? { status: 200, fields: ["Cache-Control", cacheControl] } : failure;
    });
    get();
    cache.now += 3 * SECOND;
    const { status, how } = get();
    return `${status} ${how}`;
  };

  test.each<[string, ModelAnswer | undefined, string]>([
    ["max-age=2", undefined, "200 stale-on-failure"],
    ["max-age=2", { status: 503 }, "503 forward"],
    ["max-age=2, stale-if-error=60", { status: 503 }, "200 stale-on-failure"],
    ["max-age=2, stale-if-error=60", { status: 404 }, "404 forward"],
    ["max-age=2, must-revalidate", undefined, "502 gone"],
    ["max-age=2, proxy-revalidate", undefined, "502 gone"],
    ["max-age=2, s-maxage=2", undefined, "502 gone"],
    ["max-age=2, stale-while-revalidate=60", undefined, "200 stale"],
  ])("after %s with %j: %s", (cacheControl, failure, expected) =>
    expect(failing(cacheControl, failure)).toBe(expected),
  );
});

describe("parts", () => {
  const origin: Upstream = ({ fields }) => {
    const [, first, last] = /bytes=(\d+)-(\d*)/.exec(getField(fields, "range") ?? "") ?? [];
    const common = [...FRESH, "ETag", '"v1"'];
    if (first === undefined) return { status: 200, fields: common, body: "0123456789" };
    const end = last === "" ? 9 : Number(last);
    const body = "0123456789".slice(Number(first), end + 1);
    return { status: 206, fields: [...common, "Content-Range", `bytes ${first}-${end}/10`], body };
  };

  test("are cut from a whole", () => {
    const { seen, get } = aCache(origin);
    get();
    expect(get({ fields: ["Range", "bytes=-2"] })).toMatchObject({ status: 206, body: "89", cached: true });
    expect(get({ fields: ["Range", "bytes=10-"] })).toMatchObject({ status: 416, cached: true });
    expect(seen).toHaveLength(1);
  });

  test("are kept, and joined until they are the whole", () => {
    const { seen, get } = aCache(origin);
    for (const range of ["bytes=5-7", "bytes=6-6", "bytes=0-4", "bytes=3-6", "bytes=8-", "bytes=1-8"]) {
      expect(get({ fields: ["Range", range] }).status).toBe(206);
    }
    expect(get()).toMatchObject({ status: 200, body: "0123456789", cached: true });
    expect(seen.map(({ fields }) => getField(fields, "range"))).toEqual(["bytes=5-7", "bytes=0-4", "bytes=8-"]);
  });

  test("at the beginning are completed", () => {
    const { seen, get } = aCache(origin);
    get({ fields: ["Range", "bytes=0-3"] });
    expect(get()).toMatchObject({ status: 200, body: "0123456789" });
    expect(seen[1]?.fields).toEqual(["Range", "bytes=4-", "If-Range", '"v1"']);
    expect(get()).toMatchObject({ body: "0123456789", cached: true });
  });

  test("of another version by now are asked for again", () => {
    const { seen, get } = aCache((request, count) => {
      const answer = origin(request);
      return count === 1
        ? answer
        : {
            ...answer,
            status: answer?.status ?? 0,
            fields: [...(answer?.fields ?? []), "ETag", "x"].map((v) => v.replace('"v1"', '"v2"')),
          };
    });
    get({ fields: ["Range", "bytes=0-3"] });
    expect(get()).toMatchObject({ status: 200, body: "0123456789" });
    expect(seen).toHaveLength(3);
  });
});

test("only-if-cached is answered with 504 where there is nothing", () => {
  const { seen, get } = aCache(() => ({ status: 200, fields: FRESH }));
  expect(get({ fields: ["Cache-Control", "only-if-cached"] }).status).toBe(504);
  expect(seen).toHaveLength(0);
});
