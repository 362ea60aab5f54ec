import { compilePolicy, planInvalidation, purgeOfPrefix, purgesOfTags, purgesOfUrl } from "../src/index.ts";
import { aRequest } from "./support.ts";

const POLICY = compilePolicy({ key: { query: { deny: ["utm_*"] } } });

function invalidated(method: string, status: number, fields: string[] = []): string[] {
  const request = aRequest({ method, host: "h:8080", path: "/a/b?q=1&utm_x=2" });
  const plan = planInvalidation(request, () => [POLICY], status, fields);
  if (plan.kind === "none") return [plan.reason];
  return plan.urls.map(({ purge, by }) => `${by} ${purge.kind === "url" ? purge.key : purge.kind}`);
}

describe("after an unsafe request (RFC 9111 §4.4)", () => {
  const own = "target http://h:8080/a/b?q=1";

  test.each(["POST", "PUT", "PATCH", "DELETE", "M-SEARCH", "get"])("%s makes its URL invalid", (method) => {
    expect(invalidated(method, 200)).toEqual([own]);
  });

  test.each([201, 204, 302])("with status %d too", (status) => expect(invalidated("POST", status)).toEqual([own]));

  test.each([400, 404, 500, 502])("but not with status %d", (status) => {
    expect(invalidated("POST", status)).toEqual(["error-status"]);
  });

  test.each(["GET", "HEAD", "OPTIONS", "TRACE", "QUERY"])("%s is safe", (method) => {
    expect(invalidated(method, 200)).toEqual(["safe-method"]);
  });

  test.each<[string, string | undefined]>([
    ["/x?y=1&utm_z=2", "http://h:8080/x?y=1"],
    ["c#fragment", "http://h:8080/a/c"],
    ["?z", "http://h:8080/a/b?z"],
    ["http://h:8080/x", "http://h:8080/x"],
    ["//h:8080/x", "http://h:8080/x"],
    ["http://h/x", undefined],
    ["https://h:8080/x", undefined],
    ["http://evil.example/x", undefined],
    ["http://[", undefined],
  ])("Location: %s", (reference, key) => {
    expect(invalidated("POST", 201, ["Location", reference])).toEqual(
      key === undefined ? [own] : [own, `location ${key}`],
    );
  });

  test("Content-Location beside it", () => {
    expect(invalidated("PUT", 200, ["Location", "/l", "Content-Location", "/c"])).toEqual([
      own,
      "location http://h:8080/l",
      "content-location http://h:8080/c",
    ]);
  });
});

test("each URL goes by the policy of its own route, and not at all where that does not cache", () => {
  const request = aRequest({ method: "POST", host: "h", path: "/a?x=1" });
  const whole = compilePolicy();
  const bare = compilePolicy({ key: { query: "none" } });
  const policiesOf = ({ path }: { path: string }) => {
    if (path.startsWith("/off")) return [];
    return path.startsWith("/both") ? [whole, bare, whole] : [path.includes("x") ? bare : whole];
  };
  const urls = (...fields: string[]): unknown[] => {
    const plan = planInvalidation(request, policiesOf, 200, fields);
    return plan.kind === "none" ? [] : plan.urls.map(({ purge }) => purge);
  };
  expect(urls("Location", "/b?y=1")).toEqual([
    { kind: "url", key: "http://h/a" },
    { kind: "url", key: "http://h/b?y=1" },
  ]);
  expect(urls("Location", "/off")).toEqual([{ kind: "url", key: "http://h/a" }]);
  expect(urls("Location", "/both?y=1").slice(1)).toEqual([
    { kind: "url", key: "http://h/both?y=1" },
    { kind: "url", key: "http://h/both" },
  ]);
});

describe("what to purge", () => {
  test("a URL, by the key of its route", () => {
    const key = "https://h/a?q=1";
    expect(purgesOfUrl("https://H:443/a?utm_x=1&q=1#top", [POLICY])).toEqual([{ kind: "url", key }]);
    expect(purgesOfUrl("https://h/a", [])).toEqual([]);
  });

  test.each(["/a", "ftp://h/a", "nonsense"])("%s is no such URL", (url) =>
    expect(purgesOfUrl(url, [POLICY])).toEqual([]),
  );

  test.each<[string, string | undefined]>([
    ["https://h/img/*", "https://h/img/"],
    ["https://h/img", "https://h/img"],
    ["https://h/", "https://h/"],
    ["https://h", undefined],
    ["/img/", undefined],
    ["*", undefined],
  ])("all that begins with %s", (text, prefix) => {
    expect(purgeOfPrefix(text)).toEqual(prefix === undefined ? undefined : { kind: "prefix", prefix });
  });

  test("tags, as either field has them", () => {
    const purges = ["a", "b", "c"].map((tag) => ({ kind: "tag", tag }));
    expect(purgesOfTags("a b\tc")).toEqual(purges);
    expect(purgesOfTags(" a,b, c ")).toEqual(purges);
    expect(purgesOfTags("")).toEqual([]);
  });
});
