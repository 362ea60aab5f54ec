import { connect, createServer, type Http2ServerRequest, type OutgoingHttpHeaders } from "node:http2";
import { duplexPair } from "node:stream";
import { receive } from "../../src/downstream/http2/request.ts";
import { type ReceivedRequest, readBody } from "../../src/downstream/read-request.ts";
import type { Reply } from "../../src/downstream/reply.ts";
import { memoryRequest, settle } from "./support/connections.ts";

const LIMITS = { size: 10, idle: 1000 };

async function over1(text: string, scheme: "http" | "https" = "http"): Promise<ReceivedRequest & { reply: Reply }> {
  const { received, reply } = await memoryRequest(text, { scheme });
  return { ...received, reply };
}

test("an HTTP/1.1 head is read as it came", async () => {
  const { head } = await over1(
    "PUT /a%2Fb?x=1 HTTP/1.1\r\nHost: Example.com:8080\r\nX-A: 1\r\nx-a: 2\r\nContent-Length: 3\r\n\r\n",
    "https",
  );
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
])("%j is of version %s, framed by %j", async (text, version, framing) => {
  expect((await over1(`${text}\r\n\r\n`)).head).toMatchObject({ version, framing });
});

test.each<[string, string, "none" | "continue" | "unknown"]>([
  ["1.1", "100-Continue", "continue"],
  ["1.1", "200-ok", "unknown"],
  ["1.0", "100-continue", "none"],
])("over HTTP/%s the expectation %s is %s", async (version, value, expectation) => {
  const received = await over1(`POST / HTTP/${version}\r\nHost: a\r\nExpect: ${value}\r\nContent-Length: 3\r\n\r\n`);
  expect(received.expectation).toBe(expectation);
  expect(received.head.framing).toMatchObject(
    expectation === "unknown" ? { kind: "refuse", code: "expectation-failed" } : { kind: "length", length: 3 },
  );
});

test.each<[string, number | null | undefined]>([
  ["", undefined],
  ["Content-Length: 0", undefined],
  ["Content-Length: 3", 3],
  ["Transfer-Encoding: chunked", null],
  ["Content-Length: 3\r\nContent-Length: 3", undefined],
])("a request with %j has a body of %p bytes", async (framing, length) => {
  const received = await over1(`POST / HTTP/1.1\r\nHost: a${framing === "" ? "" : "\r\n"}${framing}\r\n\r\n`);
  expect(readBody(received, LIMITS, received.reply)?.length).toBe(length);
});

test.each<[string, "websocket" | null]>([
  ["GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket", "websocket"],
  ["GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\nConnection: upgrade\r\nUpgrade: websocket", "websocket"],
  ["GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket", null],
  ["GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c", null],
  ["GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nUpgrade: h2c", null],
  ["GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 1", null],
  ["GET / HTTP/1.0\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket", null],
  ["POST / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket", null],
])("%j asks for the upgrade %p", async (text, upgrade) => {
  expect((await over1(`${text}\r\n\r\n`)).upgrade).toBe(upgrade);
});

describe("HTTP/2", () => {
  async function over2(headers: OutgoingHttpHeaders, endStream = true) {
    const [near, far] = duplexPair();
    const handed = Promise.withResolvers<Http2ServerRequest>();
    createServer((request) => handed.resolve(request)).emit("connection", near);
    const session = connect("http://example.com", { createConnection: () => far });
    session.request({ ":authority": "example.com", ...headers }, { endStream }).on("error", () => undefined);
    const request = await handed.promise;
    const received = receive(request, "none");
    // Only an invitation would need one.
    const body = readBody(received, LIMITS, {} as Reply);
    session.destroy();
    await settle(5);
    return { head: received.head, body };
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
