import { connect, createServer, type Http2ServerRequest } from "node:http2";
import { duplexPair } from "node:stream";
import { ClientBody } from "../../src/downstream/client-body.ts";
import type { ContentStream } from "../../src/downstream/content-stream.ts";
import { Http2Content } from "../../src/downstream/http2/content.ts";
import { ClientGone, GatewayError } from "../../src/gateway-error.ts";
import { RecordingSink, recordingOf } from "./support/bodies.ts";
import { memoryRequest, settle } from "./support/connections.ts";
import { virtualTimers } from "./support/virtual-timers.ts";

const virtual = virtualTimers();
const LIMITS = { size: 100, idle: 1000 };
const unwanted = new Error("unwanted");
const NEXT = "GET /next HTTP/1.1\r\nHost: a\r\n\r\n";

/** A request whose body is still to come, or has come as far as `sent`. */
async function uploading(framing: string, sent = "", terms = {}) {
  const connection = await memoryRequest(`POST / HTTP/1.1\r\nHost: a\r\n${framing}\r\n\r\n${sent}`, terms);
  const content = connection.received.content as ContentStream;
  const told = /Content-Length: (\d+)/.exec(framing)?.[1];
  const invited: string[] = [];
  const body = new ClientBody(content, told === undefined ? null : Number(told), LIMITS, () => invited.push("invited"));
  return { ...connection, content, body, invited };
}

const LENGTH = "Content-Length: 6";
const CHUNKED = "Transfer-Encoding: chunked";

test.each([
  [LENGTH, 6, "abc", "def"],
  [CHUNKED, null, "3\r\nabc\r\n", "3\r\ndef\r\n0\r\n\r\n"],
])("a body by %s comes as it is sent, and is counted", async (framing, length, first, second) => {
  const { body, client } = await uploading(framing);
  const sink = recordingOf(body);
  client.send(first);
  await settle();
  expect([body.length, sink.text, body.received, body.complete]).toEqual([length, "abc", 3, false]);
  client.send(second);
  await settle();
  expect([sink.text, sink.ended, sink.trailers, body.received, body.complete]).toEqual(["abcdef", true, null, 6, true]);
  expect(body.failed).toBe(false);
});

test("nothing is read, and the client is not invited, before somebody wants it", async () => {
  const { body, invited } = await uploading(LENGTH, "abcdef");
  await settle();
  expect([invited, body.received]).toEqual([[], 0]);
  recordingOf(body);
  await settle();
  expect([invited, body.received]).toEqual([["invited"], 6]);
});

test("a body above the limit fails as soon as it is, and what follows is dropped", async () => {
  const { body, client } = await uploading(CHUNKED);
  const sink = recordingOf(body);
  client.send(`64\r\n${"x".repeat(100)}\r\n`);
  await settle();
  expect(sink.waiting).toBe(true);
  client.send("1\r\ny\r\n");
  await settle();
  expect(sink.failed).toMatchObject({ code: "content-too-large", status: 413 });
  expect([sink.bytes.length, body.failed]).toEqual([100, true]);
  client.send("1\r\nz\r\n0\r\n\r\n");
  await settle();
  expect(sink.bytes).toHaveLength(100);
});

test("a client that falls silent is left after its time, which begins anew with each byte", async () => {
  const { body, client } = await uploading(LENGTH);
  const sink = recordingOf(body);
  for (const byte of "abc") {
    virtual.time.advance(LIMITS.idle - 1);
    client.send(byte);
    await settle();
  }
  expect(sink.waiting).toBe(true);
  virtual.time.advance(LIMITS.idle);
  expect(sink.failed).toMatchObject({ code: "request-timeout", status: 408 });
});

test("a sink that asks for a pause stops the client, and its pause is not the client's silence", async () => {
  const { body, content, client } = await uploading(LENGTH);
  const sink = new RecordingSink();
  sink.open = false;
  body.pipe(sink);
  client.send("abc");
  await settle();
  client.send("def");
  await settle();
  expect([sink.text, content.paused]).toEqual(["abc", true]);
  virtual.time.advance(10 * LIMITS.idle);
  expect(sink.waiting).toBe(true);
  sink.open = true;
  body.resume();
  await settle();
  expect([sink.text, sink.ended]).toEqual(["abcdef", true]);
});

test("a client is silent again after a pause only when its time has passed", async () => {
  const { body, client } = await uploading(LENGTH);
  const sink = new RecordingSink();
  sink.open = false;
  body.pipe(sink);
  client.send("abc");
  await settle();
  virtual.time.advance(LIMITS.idle / 2);
  body.resume();
  virtual.time.advance(LIMITS.idle - 1);
  expect(sink.waiting).toBe(true);
  virtual.time.advance(1);
  expect(sink.failed).toBeInstanceOf(GatewayError);
});

test("a client that leaves breaks the body off: it never looks whole", async () => {
  for (const framing of [LENGTH, CHUNKED]) {
    const { body, near } = await uploading(framing);
    const sink = recordingOf(body);
    near.destroy();
    await settle();
    expect([sink.failed, sink.ended]).toEqual([expect.any(ClientGone), false]);
    expect(body.failed).toBe(true);
  }
});

test("a client that has left before anybody wanted the body is told at once", async () => {
  const { body, near } = await uploading(LENGTH);
  near.destroy();
  await settle();
  expect(recordingOf(body).failed).toBeInstanceOf(ClientGone);
});

test("what is wrong within the body is told as what it is", async () => {
  const { body, client } = await uploading(CHUNKED);
  const sink = recordingOf(body);
  client.send("zz\r\n");
  await settle();
  expect(sink.failed).toMatchObject({ code: "malformed-request", status: 400 });
});

test("a client that ends its side within the body is told so, one whose connection breaks is gone", async () => {
  for (const [leave, told] of [
    ["end", expect.objectContaining({ code: "incomplete-content", status: 400 })],
    ["destroy", expect.any(ClientGone)],
  ] as const) {
    const { body, client, near } = await uploading(LENGTH, "abc");
    const sink = recordingOf(body);
    if (leave === "end") client.end.end();
    else near.destroy();
    await settle();
    expect([sink.text, sink.failed, body.failed]).toEqual(["abc", told, true]);
  }
});

test("a body that breaks before somebody wants it is told so to who wants it then, behind what had come", async () => {
  const { body, near } = await uploading(LENGTH, "abc");
  await settle();
  near.destroy();
  await settle();
  const sink = recordingOf(body);
  expect([sink.text, sink.failed]).toEqual(["abc", expect.any(ClientGone)]);
});

test("what nobody reads yet is held up to a bound, then the client is paused", async () => {
  const { near, client } = await uploading("Content-Length: 100000");
  client.send("x".repeat(10_000));
  await settle();
  expect(near.isPaused()).toBe(false);
  client.send("x".repeat(10_000));
  await settle();
  expect(near.isPaused()).toBe(true);
});

test("a body that nobody wants any more is read and dropped, so that the next request can come", async () => {
  const { body, client, reply } = await uploading(LENGTH);
  const sink = recordingOf(body);
  client.read().send("abc");
  await settle();
  body.cancel(unwanted);
  body.resume();
  reply.whole({ status: 200, fields: [] }, null, false, false);
  await settle();
  client.send(`def${NEXT}`);
  await settle();
  expect([sink.text, sink.waiting, body.received, body.complete]).toEqual(["abc", true, 3, true]);
  expect(client.ended).toBe(false);
});

test("more than a connection is worth is not read: it ends with the answer", async () => {
  const { body, client, reply } = await uploading("Content-Length: 100000", "", { dropLimit: 50_000 });
  body.cancel(unwanted);
  client.read().send("x".repeat(60_000));
  await settle();
  reply.whole({ status: 413, fields: [] }, null, false, false);
  await settle();
  expect([client.received.includes("Connection: close"), client.ended]).toEqual([true, true]);
});

test("a paused body that nobody wants any more flows again", async () => {
  const { body, client, near } = await uploading(LENGTH);
  const sink = new RecordingSink();
  sink.open = false;
  body.pipe(sink);
  client.send("abc");
  await settle();
  expect(near.isPaused()).toBe(true);
  body.cancel(unwanted);
  client.send("def");
  await settle();
  expect([near.isPaused(), body.complete, sink.text]).toEqual([false, true, "abc"]);
});

describe("HTTP/2", () => {
  async function http2() {
    const [near, far] = duplexPair();
    let handOver: (request: Http2ServerRequest) => void = () => undefined;
    const handed = new Promise<Http2ServerRequest>((resolve) => {
      handOver = resolve;
    });
    createServer((request) => handOver(request)).emit("connection", near);
    const session = connect("http://a", { createConnection: () => far });
    const stream = session.request({ ":method": "POST" });
    stream.on("error", () => undefined);
    const request = await handed;
    const body = new ClientBody(new Http2Content(request), null, LIMITS, null);
    // A frame of our own: node's client would end the body first, so that it were whole.
    const reset = (): void => void far.write(Buffer.from([0, 0, 4, 3, 0, 0, 0, 0, stream.id ?? 0, 0, 0, 0, 8]));
    return { body, stream, request, reset, close: () => session.destroy() };
  }

  test("a body comes whole", async () => {
    const { body, stream, close } = await http2();
    const sink = recordingOf(body);
    stream.end("abc");
    await settle(60);
    expect([sink.text, sink.ended, body.received]).toEqual(["abc", true, 3]);
    close();
  });

  test("a stream that the client resets breaks the body off, before and after it was wanted", async () => {
    for (const wanted of [true, false]) {
      const { body, stream, request, reset, close } = await http2();
      request.on("error", () => undefined);
      const early = wanted ? recordingOf(body) : null;
      stream.write("abc");
      await settle(60);
      reset();
      await settle(60);
      const sink = early ?? recordingOf(body);
      await settle();
      expect([wanted, sink.failed, sink.ended]).toEqual([wanted, expect.any(ClientGone), false]);
      close();
    }
  });
});
