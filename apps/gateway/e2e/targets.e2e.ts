import { exchange, type RawResponse } from "./support/raw-client.ts";
import { fieldOf, fieldsOf } from "./support/raw-reader.ts";
import { stage } from "./support/stage.ts";

const here = stage({
  routes: [
    { path: "/private", auth: "api-key" },
    { path: "/", auth: "none" },
  ],
});

function ask(target: string, method = "GET", fields = "Host: shop.example\r\n"): Promise<RawResponse> {
  return exchange(here.gateway.http, `${method} ${target} HTTP/1.1\r\n${fields}\r\n`, method === "HEAD");
}

/** The request line that the backend got. */
function lineOf({ body }: RawResponse): string {
  return body.split("\r\n", 1)[0] ?? "";
}

describe("reach the backend in origin form", () => {
  test.each([
    ["http://shop.example/path?q=1", "/path?q=1"],
    ["HTTP://SHOP.example:80/path", "/path"],
    ["http://shop.example", "/"],
    ["http://shop.example?q=1", "/?q=1"],
    ["//evil.example/path", "//evil.example/path"],
    ["///path", "///path"],
    ["/a?b=http://c.example/", "/a?b=http://c.example/"],
    ["/a%20b%2Fc;d=e,f(g)!$&'*+@:~", "/a%20b%2Fc;d=e,f(g)!$&'*+@:~"],
    ["/a/./b?x=\\y", "/a/./b?x=\\y"],
    ["/a?x=1?y=2", "/a?x=1?y=2"],
    [`/long/${"x".repeat(8000)}`, `/long/${"x".repeat(8000)}`],
  ])("%s", async (target, expected) => {
    const response = await ask(target);
    expect(response.status).toBe(200);
    expect(lineOf(response)).toBe(`GET ${expected} HTTP/1.1`);
  });
});

test("the authority of an absolute-form target wins over Host", async () => {
  const { status, body } = await ask("http://Real.example:8080/host", "GET", "Host: other.example\r\n");
  expect(status).toBe(200);
  expect(fieldsOf(body, "host")).toEqual(["real.example:8080"]);
  expect(fieldsOf(body, "x-forwarded-host")).toEqual(["real.example:8080"]);
});

test("a target that begins with two slashes names no host", async () => {
  const { body } = await ask("//evil.example/path");
  expect(fieldsOf(body, "host")).toEqual(["shop.example"]);
});

describe("are refused with 400 and never reach the backend", () => {
  test.each([
    "/refused#fragment",
    "/refused?q#fragment",
    "/refused\\..\\x",
    "\\refused",
    "refused",
    "ftp://shop.example/refused",
    "http:/refused",
    "http://user:pass@shop.example/refused",
    "http://shop.example#refused",
    "http:///refused",
    "*",
    "/refused\x00",
    "/refused\x01",
    "/refused\x7f",
    "/refused\tx",
    "/refused x",
  ])("%j", async (target) => {
    const before = here.backend.requests.length;
    const { status, head } = await ask(target);
    expect(status).toBe(400);
    expect(fieldOf(head, "content-type")).toBe("application/problem+json");
    expect(here.backend.requests).toHaveLength(before);
  });
});

test("a target over 8 KiB is refused with 414", async () => {
  const { status } = await ask(`/${"x".repeat(8192)}`);
  expect(status).toBe(414);
});

describe("with dot segments or encodings", () => {
  test.each([
    "/public/../private",
    "/./private",
    "/%70rivate",
    "/x/%2e%2E/private",
    "/public/..%2fprivate",
    "//private",
    "/private/../public",
  ])("%s does not get around the rules of another route", async (target) => {
    const before = here.backend.requests.length;
    const { status, body } = await ask(target);
    expect(status).toBe(400);
    expect(JSON.parse(body)).toMatchObject({ code: "ambiguous-path" });
    expect(here.backend.requests).toHaveLength(before);
  });

  test.each(["/private", "/private/x", "/private?q", "http://shop.example/private"])(
    "%s is behind its rules",
    async (target) => {
      const { status } = await ask(target);
      expect(status).toBe(401);
    },
  );

  test.each(["/%2570rivate", "/privatex", "/PRIVATE"])(
    "%s is another path and is passed on as it is",
    async (target) => {
      const response = await ask(target);
      expect(lineOf(response)).toBe(`GET ${target} HTTP/1.1`);
    },
  );
});

test.each(["OPTIONS *", "OPTIONS http://shop.example"])("%s is answered by the gateway", async (start) => {
  const before = here.backend.requests.length;
  const response = await exchange(here.gateway.http, `${start} HTTP/1.1\r\nHost: shop.example\r\n\r\n`);
  expect(response.status).toBe(404);
  expect(here.backend.requests).toHaveLength(before);
});

test.each(["shop.example:443", "shop.example", "/", "http://shop.example/"])(
  "CONNECT %s is no tunnel",
  async (target) => {
    const before = here.backend.requests.length;
    const { status, head, body } = await ask(target, "CONNECT");
    expect(status).toBe(405);
    expect(fieldOf(head, "allow")).toContain("GET");
    expect(fieldOf(head, "connection")).toBe("close");
    expect(fieldOf(head, "content-type")).toBe("application/problem+json");
    expect(JSON.parse(body)).toMatchObject({ code: "method-not-allowed" });
    expect(here.backend.requests).toHaveLength(before);
  },
);
