import { connect } from "node:net";
import { TestAdmin } from "./client.ts";

let admin: TestAdmin;
beforeEach(async () => {
  admin = await new TestAdmin().start();
});
afterEach(() => admin.stop());

const backends = "/api/pools/default/backends";
const json = { "Content-Type": "application/json" };

describe("every refusal is a problem that says what to do", () => {
  test.each([
    [
      "unknown path",
      "GET",
      "/api/nothing",
      undefined,
      404,
      "no-route",
      "The admin listener has nothing at /api/nothing.",
    ],
    ["malformed escape", "GET", "/api/pools/%zz/backends", undefined, 404, "no-route", "nothing at"],
    [
      "unknown pool, near another",
      "GET",
      "/api/pools/defualt/backends",
      undefined,
      404,
      "not-found",
      'There is no pool "defualt". Did you mean default?',
    ],
    ["unknown pool", "POST", "/api/pools/zzz/backends", "{}", 404, "not-found", "There are: default."],
    [
      "unknown backend",
      "DELETE",
      `${backends}/10.9.9.9:1`,
      undefined,
      404,
      "not-found",
      'Pool default has no backend "10.9.9.9:1". There are: 127.0.0.1:8000, 127.0.0.1:8001.',
    ],
    ["no backend named", "POST", `${backends}/drain`, undefined, 400, "invalid-input", "A JSON body is needed"],
    ["wrong backend named", "POST", `${backends}/drain`, '{"ip":"x"}', 400, "invalid-input", "the backend's id or url"],
    ["no body", "POST", backends, undefined, 400, "invalid-input", "A JSON body is needed, such as"],
    ["malformed JSON", "POST", backends, '{"url": ', 400, "malformed-request", "The body is not JSON: "],
    ["missing URL", "POST", backends, "{}", 400, "invalid-input", "url: expected an http or https URL"],
    [
      "weight of nought",
      "POST",
      backends,
      '{"url":"http://a:1","weight":0}',
      400,
      "invalid-input",
      "weight: expected 1 or more",
    ],
    [
      "weight as text",
      "POST",
      backends,
      '{"url":"http://a:1","weight":"3"}',
      400,
      "invalid-input",
      "weight: expected a whole number",
    ],
    ["unknown key", "POST", backends, '{"url":"http://a:1","wieght":3}', 400, "invalid-input", '"wieght"'],
    [
      "refused by the control plane",
      "POST",
      backends,
      '{"url":"nonsense"}',
      400,
      "invalid-input",
      "nonsense is not a URL.",
    ],
  ])("%s", async (_, method, path, body, status, code, detail) => {
    const answer = await admin.ask(path, body === undefined ? { method } : { method, headers: json, body });
    expect(answer).toMatchObject({
      status,
      json: { status, code, type: `urn:headgate:problem:${code}`, title: expect.any(String) },
    });
    expect(answer.json).toMatchObject({ detail: expect.stringContaining(detail) });
    expect(answer.headers["content-type"]).toBe("application/problem+json");
  });

  test.each([
    ["PUT", backends, "GET, HEAD, POST, DELETE"],
    ["OPTIONS", "/api/cache", "GET, HEAD, DELETE"],
    ["POST", "/metrics", "GET, HEAD"],
    ["GET", "/api/cache/purge", "POST"],
    ["PATCH", `${backends}/127.0.0.1:8000`, "DELETE"],
  ])("%s %s: 405 with Allow: %s", async (method, path, allow) => {
    const { status, headers, json: problem } = await admin.ask(path, { method });
    expect({ status, allow: headers.allow }).toEqual({ status: 405, allow });
    expect(problem).toMatchObject({ code: "method-not-allowed", detail: expect.stringContaining(allow) });
  });

  test("a bug is told as such, without its insides, and logged with them", async () => {
    admin.control.pools = () => {
      throw new TypeError("inner secret");
    };
    const { status, body } = await admin.ask("/api/backends");
    expect(status).toBe(500);
    expect(body).not.toContain("inner secret");
    expect(admin.log.join("")).toContain("inner secret");
  });
});

describe("bodies", () => {
  test.each([["text/plain"], ["application/x-www-form-urlencoded"], ["application/json-patch+json"]])(
    "of type %s are refused",
    async (type) => {
      const answer = await admin.ask(backends, {
        method: "POST",
        headers: { "Content-Type": type },
        body: '{"url":"http://a:1"}',
      });
      expect(answer).toMatchObject({
        status: 415,
        json: { code: "unsupported-media-type", detail: expect.stringContaining(type) },
      });
    },
  );

  test("of no type are refused", async () => {
    const answer = await admin.ask(backends, { method: "POST", body: '{"url":"http://a:1"}' });
    expect(answer).toMatchObject({ status: 415, json: { detail: expect.stringContaining("not none") } });
  });

  test("with parameters on their type are taken", async () => {
    const headers = { "Content-Type": "Application/JSON; charset=utf-8" };
    expect((await admin.ask(backends, { method: "POST", headers, body: '{"url":"http://a:1"}' })).status).toBe(201);
  });

  test("that are not UTF-8 are refused", async () => {
    const answer = await admin.ask(backends, { method: "POST", headers: json, body: Buffer.from([0x22, 0xff, 0x22]) });
    expect(answer).toMatchObject({ status: 400, json: { detail: "The body is not JSON: it is not UTF-8." } });
  });

  const large = JSON.stringify({ url: "x".repeat(70_000) });
  test.each([
    ["told in Content-Length", { ...json, "Content-Length": String(large.length) }],
    ["chunked", { ...json, "Transfer-Encoding": "chunked" }],
  ])("over 64 KiB are refused, %s", async (_, headers) => {
    const answer = await admin.ask(backends, { method: "POST", headers, body: large });
    expect(answer).toMatchObject({
      status: 413,
      json: { code: "content-too-large" },
      headers: { connection: "close" },
    });
  });
});

describe("web pages of others", () => {
  test.each(["evil.example", "evil.example:9901", "localhost.evil.example", "127.0.0.1.evil.example"])(
    "a name that was rebound to this address is refused: %s",
    async (host) => {
      for (const path of ["/api/backends", "/metrics", "/"]) {
        expect(await admin.ask(path, { headers: { Host: host } })).toMatchObject({
          status: 421,
          json: { code: "misdirected-request" },
        });
      }
    },
  );

  test.each(["localhost:9901", "LOCALHOST", "127.0.0.1", "[::1]:9901", "192.168.1.5:9901"])(
    "an address or localhost is fine: %s",
    async (host) => {
      expect((await admin.ask("/api/backends", { headers: { Host: host } })).status).toBe(200);
    },
  );

  test.each(["a b", "user@localhost"])("a Host that is none is refused: %j", async (host) => {
    expect((await admin.ask("/livez", { headers: { Host: host } })).status).toBe(400);
  });

  test.each(["https://evil.example", "null", "http://localhost:3000", "https://localhost:9901"])(
    "a page of %s is refused",
    async (origin) => {
      const answer = await admin.ask(`${backends}/127.0.0.1:8000/drain`, {
        method: "POST",
        headers: { Host: "localhost:9901", Origin: origin },
      });
      expect(answer).toMatchObject({
        status: 403,
        json: { code: "forbidden", detail: expect.stringContaining(origin) },
      });
      expect(admin.control.pools()[0]?.backends.some(({ draining }) => draining)).toBe(false);
    },
  );

  test("its own page is fine", async () => {
    const headers = { Host: "localhost:9901", Origin: "http://localhost:9901" };
    expect((await admin.ask(`${backends}/127.0.0.1:8000/drain`, { method: "POST", headers })).status).toBe(200);
  });

  test("no answer tells a browser to share it", async () => {
    expect((await admin.ask("/api/backends")).headers).not.toHaveProperty("access-control-allow-origin");
  });
});

describe("a listener that is bound to more than loopback", () => {
  let open: TestAdmin;
  beforeEach(async () => {
    open = await new TestAdmin({ host: "gateway.internal" }).start();
  });
  afterEach(() => open.stop());

  test("goes by the name it was given", async () => {
    expect((await open.ask("/api/backends", { headers: { Host: "Gateway.internal:9901" } })).status).toBe(200);
    expect((await open.ask("/api/backends", { headers: { Host: "other.internal:9901" } })).status).toBe(421);
  });

  test.each(["/metrics", "/livez", "/readyz"])("answers monitoring by any name: %s", async (path) => {
    expect((await open.ask(path, { headers: { Host: "headgate:9901" } })).status).toBe(200);
  });
});

test("a request that is no HTTP ends in a 400, and the listener lives on", async () => {
  const socket = connect(admin.port, "127.0.0.1");
  socket.end("nonsense\r\n\r\n");
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk);
  expect(Buffer.concat(chunks).toString()).toMatch(/^HTTP\/1.1 400 /);
  expect((await admin.ask("/livez")).status).toBe(200);
});

test("connections and waiting are bounded", () => {
  const { server } = admin;
  expect([server.maxConnections, server.headersTimeout, server.requestTimeout, server.keepAliveTimeout]).toEqual([
    256, 5_000, 10_000, 5_000,
  ]);
});
