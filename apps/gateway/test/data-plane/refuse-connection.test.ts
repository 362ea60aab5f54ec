import { createServer, type RequestListener } from "node:http";
import { refuseConnection } from "../../src/downstream/refuse-connection.ts";
import { MemoryClient, memoryConnection, settle } from "./support/connections.ts";
import { virtualTimers } from "./support/virtual-timers.ts";

const virtual = virtualTimers();

/** A server that refuses what is no request, with one connection in memory. */
function refusing(onRequest: RequestListener = (_request, reply) => void reply.end("fine")) {
  const server = createServer({ requireHostHeader: false, maxHeaderSize: 2048 }, onRequest);
  server.on("clientError", refuseConnection);
  const [near, far] = memoryConnection();
  server.emit("connection", near);
  return { server, near, client: new MemoryClient(far).read() };
}

/** A client closes its side once it has been told; else the time for that is left to run out. */
async function leave(client: MemoryClient): Promise<void> {
  client.end.end();
  await settle();
  virtual.time.advance(1000);
  await settle();
}

const code = (client: MemoryClient): unknown => JSON.parse(client.body).code;

test.each<[string, string, number, string]>([
  ["not HTTP at all", "\x16\x03\x01\x02\r\n\r\n", 400, "malformed-request"],
  ["an unheard-of method", "FETCH / HTTP/1.1\r\n\r\n", 400, "malformed-request"],
  ["a space in a field's name", "GET / HTTP/1.1\r\nHo st: a\r\n\r\n", 400, "malformed-field"],
  ["a length that is no number", "POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n", 400, "invalid-content-length"],
  ["too large a head", `GET / HTTP/1.1\r\nA: ${"a".repeat(3000)}\r\n\r\n`, 431, "fields-too-large"],
])("%s is refused as a problem, and the connection ends", async (_name, text, status, problem) => {
  const { client, near } = refusing();
  client.send(text);
  await settle();
  expect(client.head[0]).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  expect([code(client), client.ended]).toEqual([problem, true]);
  expect(client.head).toContain("Connection: close");
  await leave(client);
  expect(near.destroyed).toBe(true);
});

test("a refusal is a whole response of its own", async () => {
  const { client } = refusing();
  client.send("nonsense\r\n\r\n");
  await settle();
  expect(client.head).toEqual([
    "HTTP/1.1 400 Bad Request",
    "Content-Type: application/problem+json",
    `Content-Length: ${client.body.length}`,
    "Cache-Control: no-store",
    "Connection: close",
  ]);
  await leave(client);
});

test("a head that does not come in time is told so", async () => {
  const { server, near, client } = refusing();
  server.emit("clientError", Object.assign(new Error("timeout"), { code: "ERR_HTTP_REQUEST_TIMEOUT" }), near);
  await settle();
  expect([client.head[0], code(client)]).toEqual(["HTTP/1.1 408 Request Timeout", "request-timeout"]);
  await leave(client);
});

test("a client that never closes its side is cut off after a second", async () => {
  const { client, near } = refusing();
  client.send("nonsense\r\n\r\n");
  await settle();
  virtual.time.advance(999);
  await settle();
  expect(near.destroyed).toBe(false);
  virtual.time.advance(1);
  expect(near.destroyed).toBe(true);
});

test("a connection that was reset, or takes no more, is only ended", async () => {
  for (const [error, prepare] of [
    [Object.assign(new Error("reset"), { code: "ECONNRESET" }), () => undefined],
    [new Error("late"), (end: { end(): unknown }) => void end.end()],
  ] as const) {
    const { server, near, client } = refusing();
    prepare(near);
    server.emit("clientError", error, near);
    await settle();
    expect([client.received, near.destroyed]).toEqual(["", true]);
  }
});

test("what follows a whole request is refused behind its answer, not instead of it", async () => {
  let answer: () => void = () => undefined;
  const { client } = refusing((_request, reply) => {
    answer = () => reply.end("fine");
  });
  client.send("GET / HTTP/1.1\r\n\r\nnonsense\r\n\r\n");
  await settle();
  expect(client.received).toBe("");
  answer();
  await settle();
  const [first = "", second = ""] = client.received.split("fine");
  expect(first).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  expect(second).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
  expect(client.ended).toBe(true);
  await leave(client);
});

test("content that is malformed fails the one who reads it, who answers", async () => {
  const failures: unknown[] = [];
  const { client } = refusing((request, reply) => {
    request.resume();
    request.on("error", (error) => {
      failures.push(error);
      reply.writeHead(400, { Connection: "close" }).end("bad content");
    });
  });
  client.send("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n");
  await settle();
  expect(failures).toEqual([expect.objectContaining({ code: "malformed-request" })]);
  expect(client.body).toContain("bad content");
});

test("content that is malformed and that nobody reads ends nothing before the answer", async () => {
  let answer: () => void = () => undefined;
  const { client } = refusing((_request, reply) => {
    answer = () => void reply.writeHead(401, { Connection: "close" }).end("no");
  });
  client.send("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n");
  await settle();
  answer();
  await settle();
  expect(client.head[0]).toBe("HTTP/1.1 401 Unauthorized");
});
