import { connect, createServer, type Http2ServerRequest, type OutgoingHttpHeaders } from "node:http2";
import { duplexPair } from "node:stream";
import { readBody, readHead } from "../../src/downstream/read-request.ts";
import { memoryRequest, settle } from "./support/connections.ts";

const LIMITS = { size: 10, idle: 1000 };

async function over1(text: string) {
  const { request, near } = await memoryRequest(text);
  Object.assign(near, { remoteAddress: "192.0.2.1", localPort: 8080 });
  return request;
}

test("an HTTP/1.1 head is read as it came", async () => {
  const request = await over1(
    "PUT /a%2Fb?x=1 HTTP/1.1\r\nHost: Example.com:8080\r\nX-A: 1\r\nx-a: 2\r\nContent-Length: 3\r\n\r\n",
  );
  const head = readHead(request, "https", "none");
  expect(head).toMatchObject({
    ...{ method: "PUT", target: "/a%2Fb?x=1", version: "1.1", scheme: "https", peer: "192.0.2.1", localPort: 8080 },
    framing: { kind: "length", length: 3 },
    targetPlan: { kind: "accept", path: "/a%2Fb?x=1", query: "x=1", host: "example.com:8080" },
  });
  expect(head.fields).toEqual(["Host", "Example.com:8080", "X-A", "1", "x-a", "2", "Content-Length", "3"]);
});

test.each<[string, string, object]>([
  ["GET / HTTP/1.0", "1.0", { kind: "none" }],
  ["GET / HTTP/1.1\r\nHost: a", "1.1", { kind: "none" }],
  ["GET / HTTP/1.1", "1.1", { kind: "refuse", code: "missing-host" }],
  ["GET / HTTP/1.1\r\nHost: a\r\nHost: a", "1.1", { kind: "refuse", code: "repeated-host" }],
  ["POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked", "1.1", { kind: "chunked" }],
  ["POST / HTTP/1.0\r\nTransfer-Encoding: chunked", "1.0", { kind: "refuse", code: "invalid-transfer-encoding" }],
])("%j is of version %s, framed by %j", async (head, version, framing) => {
  const request = await over1(`${head}\r\n\r\n`);
  expect(readHead(request, "http", "none")).toMatchObject({ version, framing });
});

test("an expectation that is not known is refused", async () => {
  const request = await over1("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  expect(readHead(request, "http", "unknown").framing).toMatchObject({ kind: "refuse", code: "expectation-failed" });
  expect(readHead(request, "http", "continue").framing).toEqual({ kind: "none" });
});

test("a request has a body where its framing says so", async () => {
  const request = await over1("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n");
  const body = (framing: Parameters<typeof readBody>[1]) => readBody(request, framing, LIMITS, null);
  expect(body({ kind: "none" })).toBeNull();
  expect(body({ kind: "refuse", status: 400, code: "missing-host", detail: "" })).toBeNull();
  expect(body({ kind: "length", length: 0 })).toBeNull();
  expect(body({ kind: "length", length: 3 })?.length).toBe(3);
  expect(body({ kind: "chunked" })?.length).toBeNull();
});

describe("HTTP/2", () => {
  async function over2(headers: OutgoingHttpHeaders, endStream = true) {
    const [near, far] = duplexPair();
    const handed = Promise.withResolvers<Http2ServerRequest>();
    createServer((request) => handed.resolve(request)).emit("connection", near);
    const session = connect("http://example.com", { createConnection: () => far });
    session.request({ ":authority": "example.com", ...headers }, { endStream }).on("error", () => undefined);
    const request = await handed.promise;
    const head = readHead(request, "https", "none");
    const body = readBody(request, head.framing, LIMITS, null);
    session.destroy();
    await settle(5);
    return { head, body };
  }

  test("a head is read as one of HTTP/1.1 would be: Host from the authority, one Cookie, no pseudo-fields", async () => {
    const { head, body } = await over2({ ":path": "/a?b", "x-a": ["1", "2"], cookie: ["a=1", "b=2"] });
    expect(head).toMatchObject({ method: "GET", target: "/a?b", version: "2.0", framing: { kind: "stream" } });
    expect(head.fields).toEqual(["host", "example.com", "x-a", "1", "x-a", "2", "cookie", "a=1; b=2"]);
    expect([head.targetPlan, body]).toMatchObject([{ kind: "accept", host: "example.com" }, null]);
  });

  test("a stream that goes on has a body of unknown length, or of the length that is told", async () => {
    expect((await over2({ ":method": "POST" }, false)).body).toMatchObject({ length: null });
    expect((await over2({ ":method": "POST", "content-length": "3" }, false)).body).toMatchObject({ length: 3 });
  });

  test("a Host beside the authority must be the same", async () => {
    const same = await over2({ host: "example.com" });
    expect(same.head.fields).toEqual(["host", "example.com"]);
    expect(same.head.framing).toEqual({ kind: "stream" });
    const other = await over2({ host: "other.org" });
    expect(other.head.framing).toMatchObject({ kind: "refuse", code: "repeated-host" });
  });
});
