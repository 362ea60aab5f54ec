import { connect, constants, createServer, type Http2ServerResponse, type IncomingHttpHeaders } from "node:http2";
import { duplexPair } from "node:stream";
import { Http2Reply } from "../../src/downstream/http2/reply.ts";
import type { Reply } from "../../src/downstream/reply.ts";
import { ResponseWriter, type WriteOutcome } from "../../src/downstream/write-response.ts";
import { ClientGone } from "../../src/gateway-error.ts";
import type { GatewayResponse } from "../../src/gateway-response.ts";
import { ScriptedSource } from "./support/bodies.ts";
import { memoryRequest, settle } from "./support/connections.ts";
import { aResponse } from "./support/exchanges.ts";

const STALL = 1234;

class Told {
  sent = 0;
  readonly outcomes: WriteOutcome[] = [];

  bytes(count: number): void {
    this.sent += count;
  }

  over(outcome: WriteOutcome): void {
    this.outcomes.push(outcome);
  }
}

function writerTo(reply: Reply, stall = STALL) {
  const told = new Told();
  return { told, writer: new ResponseWriter(reply, stall, told) };
}

interface Asked {
  readonly method?: string;
  readonly version?: string;
  readonly headOnly?: boolean;
  readonly close?: boolean;
}

/** Writes a response to a client in memory. */
async function writing(
  changes: Partial<GatewayResponse>,
  { method = "GET", version = "1.1", headOnly, close = false }: Asked = {},
) {
  const connection = await memoryRequest(`${method} / HTTP/${version}\r\nHost: a\r\n\r\n`);
  const { told, writer } = writerTo(connection.reply);
  connection.client.read();
  writer.send(aResponse(changes), headOnly ?? method === "HEAD", close);
  await settle();
  return { ...connection, told, writer };
}

describe("a response that is here whole", () => {
  test.each<[string, Partial<GatewayResponse>, Asked, string[], string]>([
    ["has its length told", { body: Buffer.from("abc") }, {}, ["HTTP/1.1 200 OK", "Content-Length: 3"], "abc"],
    [
      "keeps the length that is told",
      { body: Buffer.from("abc"), fields: ["content-length", "3"] },
      {},
      ["HTTP/1.1 200 OK", "content-length: 3"],
      "abc",
    ],
    ["may be empty, which is told", {}, {}, ["HTTP/1.1 200 OK", "Content-Length: 0"], ""],
    ["may be empty bytes", { body: Buffer.alloc(0) }, {}, ["HTTP/1.1 200 OK", "Content-Length: 0"], ""],
    [
      "has its fields as they are, in order, repeated ones too",
      { fields: ["set-cookie", "a", "X-A", "1", "Set-Cookie", "b"] },
      {},
      ["HTTP/1.1 200 OK", "set-cookie: a", "X-A: 1", "Set-Cookie: b", "Content-Length: 0"],
      "",
    ],
    [
      "has any bytes as they are",
      { body: Buffer.from([0, 0x7f, 0x80, 0xff]) },
      {},
      ["HTTP/1.1 200 OK", "Content-Length: 4"],
      "\0\x7f\x80\xff",
    ],
    [
      "has bytes of obs-text in fields as they are",
      { fields: ["X-Name", "\xe9"] },
      {},
      ["HTTP/1.1 200 OK", "X-Name: \xe9", "Content-Length: 0"],
      "",
    ],
    [
      "goes to HEAD without its body, with the length that GET would have",
      { body: Buffer.from("abc"), fields: ["Content-Length", "3"] },
      { method: "HEAD" },
      ["HTTP/1.1 200 OK", "Content-Length: 3"],
      "",
    ],
    ["goes to HEAD without a length where none is told", { body: null }, { method: "HEAD" }, ["HTTP/1.1 200 OK"], ""],
    [
      "of 204 has no length at all",
      { status: 204, fields: ["Content-Length", "0"] },
      {},
      ["HTTP/1.1 204 No Content"],
      "",
    ],
    [
      "of 304 keeps the length that the content has",
      { status: 304, fields: ["Content-Length", "5", "ETag", '"a"'] },
      {},
      ["HTTP/1.1 304 Not Modified", "Content-Length: 5", 'ETag: "a"'],
      "",
    ],
    ["of 304 has none of its own", { status: 304 }, {}, ["HTTP/1.1 304 Not Modified"], ""],
    ["of 205 is empty", { status: 205 }, {}, ["HTTP/1.1 205 Reset Content", "Content-Length: 0"], ""],
    ["of an unheard-of status goes out", { status: 799 }, {}, ["HTTP/1.1 799 unknown", "Content-Length: 0"], ""],
    [
      "ends the connection where it must",
      { body: Buffer.from("abc") },
      { close: true },
      ["HTTP/1.1 200 OK", "Content-Length: 3", "Connection: close"],
      "abc",
    ],
  ])("%s", async (_name, response, asked, head, body) => {
    const { client, told } = await writing(response, asked);
    expect([client.head, client.body]).toEqual([head, body]);
    expect([told.outcomes, told.sent, client.ended]).toEqual([["complete"], body.length, asked.close === true]);
  });

  test.each([8192, 8193, 300_000])("of %d bytes comes whole", async (length) => {
    const body = Buffer.from(Array.from({ length }, (_, index) => index & 255));
    const { client, told } = await writing({ body });
    expect(Buffer.from(client.body, "latin1").equals(body)).toBe(true);
    expect(told.sent).toBe(length);
  });

  test.each(["http", "https"] as const)("by %s is over once the client has taken it, however late", async (scheme) => {
    const { client, reply } = await memoryRequest("GET / HTTP/1.1\r\nHost: a\r\n\r\n", { scheme });
    const { told, writer } = writerTo(reply);
    writer.send(aResponse({ body: Buffer.alloc(300_000) }), false, false);
    await settle();
    expect(told.outcomes).toEqual([]);
    client.read();
    await settle(200);
    expect([told.outcomes, client.body.length]).toEqual([["complete"], 300_000]);
  });

  test("leaves the connection to the next request", async () => {
    const { client } = await writing({ body: Buffer.from("abc") });
    expect([client.ended, client.closed]).toEqual([false, false]);
  });
});

describe("a response that still comes", () => {
  test("without a length goes out chunked, each chunk as it comes", async () => {
    const source = new ScriptedSource();
    const { client, told } = await writing({ body: source });
    expect(client.head).toEqual(["HTTP/1.1 200 OK", "Transfer-Encoding: chunked"]);
    source.push("abc");
    await settle();
    expect(client.body).toBe("3\r\nabc\r\n");
    source.end();
    await settle();
    expect([client.body, told.outcomes, told.sent]).toEqual(["3\r\nabc\r\n0\r\n\r\n", ["complete"], 3]);
  });

  test("with a length goes out by it", async () => {
    const source = new ScriptedSource();
    const { client, told } = await writing({ body: source, fields: ["Content-Length", "4"] });
    source.push("ab");
    source.push("cd");
    source.end();
    await settle();
    expect([client.head, client.body]).toEqual([["HTTP/1.1 200 OK", "Content-Length: 4"], "abcd"]);
    expect(told.outcomes).toEqual(["complete"]);
  });

  test("goes to HTTP/1.0 until the end of the connection", async () => {
    const source = new ScriptedSource();
    const { client } = await writing({ body: source }, { version: "1.0" });
    source.push("abc");
    source.end();
    await settle();
    expect([client.body, client.ended]).toEqual(["abc", true]);
    expect(client.received).not.toContain("chunked");
  });

  test.each<[string, Partial<GatewayResponse>, Asked]>([
    ["to HEAD", {}, { method: "HEAD" }],
    ["of 204", { status: 204 }, {}],
    ["of 304", { status: 304 }, {}],
  ])("%s is not wanted, and its source is let go", async (_name, response, asked) => {
    const source = new ScriptedSource();
    const { client, told } = await writing({ ...response, body: source }, asked);
    expect([source.sink, source.cancelled === null, client.body, told.outcomes]).toEqual([
      null,
      false,
      "",
      ["complete"],
    ]);
  });

  test("has its trailers where it is chunked, but for those that frame or route", async () => {
    const source = new ScriptedSource();
    const { client } = await writing({ body: source });
    source.push("a");
    source.end(["Digest", "x", "Content-Length", "9", "Set-Cookie", "a", "X-Last", "1"]);
    await settle();
    expect(client.body).toBe("1\r\na\r\n0\r\ndigest: x\r\nx-last: 1\r\n\r\n");
  });

  test("has no trailers where it has a length", async () => {
    const source = new ScriptedSource();
    const { client } = await writing({ body: source, fields: ["Content-Length", "1"] });
    source.push("a");
    source.end(["Digest", "x"]);
    await settle();
    expect(client.body).toBe("a");
  });

  test("that breaks off breaks the connection off: it never looks whole", async () => {
    for (const fields of [[], ["Content-Length", "9"]]) {
      const source = new ScriptedSource();
      const { client, near, told } = await writing({ body: source, fields });
      source.push("abc");
      await settle();
      source.fail(new Error("broken off"));
      await settle();
      expect([near.destroyed, told.outcomes]).toEqual([true, ["broken-off"]]);
      expect(client.body).not.toContain("0\r\n\r\n");
    }
  });
});

describe("a client", () => {
  test("that leaves has the source cancelled, once", async () => {
    const source = new ScriptedSource();
    const { near, told } = await writing({ body: source });
    source.push("abc");
    near.destroy();
    await settle();
    expect(source.cancelled).toBeInstanceOf(ClientGone);
    expect(told.outcomes).toEqual(["client-gone"]);
  });

  test("that left before there was an answer gets none, and its source is let go", async () => {
    const { reply, near } = await memoryRequest("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    const { told, writer } = writerTo(reply);
    near.destroy();
    await settle();
    expect(told.outcomes).toEqual(["client-gone"]);
    const source = new ScriptedSource();
    writer.send(aResponse({ body: source }), false, false);
    writer.send(aResponse({ body: Buffer.from("abc") }), false, false);
    expect([source.cancelled, writer.takeOver()]).toEqual([expect.any(ClientGone), null]);
    expect(told.outcomes).toHaveLength(1);
  });

  test("that reads slowly has the source wait, and go on when it has read", async () => {
    const { reply, client } = await memoryRequest("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    const { told, writer } = writerTo(reply);
    const source = new ScriptedSource();
    writer.send(aResponse({ body: source }), false, false);
    const chunk = "x".repeat(64 * 1024);
    for (let i = 0; i < 100 && !source.paused; i++) source.push(chunk);
    await settle();
    expect([source.paused, source.resumed]).toEqual([true, 0]);
    client.read();
    await settle();
    expect([source.paused, source.resumed]).toEqual([false, 1]);
    source.end();
    await settle();
    expect(told.outcomes).toEqual(["complete"]);
  });

  /** A client that reads nothing of what `send` has written to it. */
  async function unread(send: (writer: ResponseWriter) => void) {
    const connection = await memoryRequest("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    const { told, writer } = writerTo(connection.reply);
    send(writer);
    await settle();
    connection.server.check();
    return { ...connection, told };
  }

  const MUCH = "x".repeat(512 * 1024);

  test("that takes nothing of a body that waits for it is left in time, and the source let go", async () => {
    const source = new ScriptedSource();
    const { near, told } = await unread((writer) => {
      writer.send(aResponse({ body: source }), false, false);
      expect(source.push(MUCH)).toBe(false);
    });
    expect([near.idleLimit, near.destroyed]).toEqual([STALL, false]);
    near.emit("timeout");
    await settle();
    expect([near.destroyed, told.outcomes]).toEqual([true, ["client-gone"]]);
    expect(source.cancelled).toBeInstanceOf(ClientGone);
  });

  test("that has read what waited has no time running while nothing does", async () => {
    const source = new ScriptedSource();
    const { near, client, server } = await unread((writer) => {
      writer.send(aResponse({ body: source }), false, false);
      source.push(MUCH);
    });
    client.read();
    await settle();
    expect([near.idleLimit, source.resumed]).toEqual([0, 1]);
    client.end.pause();
    for (let i = 0; i < 10 && !source.paused; i++) source.push(MUCH);
    await settle();
    server.check();
    expect([source.paused, near.idleLimit]).toEqual([true, STALL]);
    near.emit("timeout");
    await settle();
    expect(near.destroyed).toBe(true);
  });

  test.each<[string, (writer: ResponseWriter) => void]>([
    ["a whole response", (writer) => writer.send(aResponse({ body: Buffer.from(MUCH) }), false, false)],
    [
      "the last of a body",
      (writer) => {
        const source = new ScriptedSource();
        writer.send(aResponse({ body: source }), false, false);
        source.push(MUCH);
        source.end();
      },
    ],
  ])("that takes nothing of %s is left in time, and has not got it", async (_name, send) => {
    const { near, told } = await unread(send);
    expect([near.idleLimit, near.destroyed]).toEqual([STALL, false]);
    near.emit("timeout");
    await settle();
    expect([near.destroyed, told.outcomes]).toEqual([true, ["client-gone"]]);
  });

  test("that is owed nothing has no time of ours running", async () => {
    const { near, server } = await writing({ body: Buffer.from("abc") });
    server.check();
    expect(near.idleLimit).not.toBe(STALL);
  });
});

test("a connection that is handed over is complete, whenever it closes", async () => {
  const { reply, near } = await memoryRequest("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  const { told, writer } = writerTo(reply);
  expect(writer.takeOver()?.socket).toBe(near);
  near.destroy();
  await settle();
  expect(told.outcomes).toEqual(["complete"]);
});

test("an interim response goes before the final one, and none after that has begun", async () => {
  const { reply, client } = await memoryRequest("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  client.read();
  reply.informational(103, ["Link", "</a>", "link", "</b>"]);
  const { writer } = writerTo(reply);
  writer.send(aResponse(), false, false);
  reply.informational(103, ["Link", "</c>"]);
  await settle();
  expect(client.received).toMatch(/^HTTP\/1\.1 103 Early Hints\r\n[\s\S]*HTTP\/1\.1 200 OK\r\n/i);
  expect(client.received).toContain("</a>");
  expect(client.received).toContain("</b>");
  expect(client.received).not.toContain("</c>");
});

describe("HTTP/2", () => {
  /** One exchange over HTTP/2 in memory: the reply as node hands it over, and what the client sees. */
  async function http2(method = "GET", stall = STALL) {
    const [near, far] = duplexPair();
    let handOver: (reply: Http2ServerResponse) => void = () => undefined;
    const handed = new Promise<Http2ServerResponse>((resolve) => {
      handOver = resolve;
    });
    const server = createServer((_request, reply) => handOver(reply));
    server.emit("connection", near);
    const session = connect("http://a", { createConnection: () => far });
    const stream = session.request({ ":method": method });
    const seen = {
      headers: {} as IncomingHttpHeaders,
      trailers: {} as IncomingHttpHeaders,
      body: "",
      reset: -1,
      ended: false,
    };
    stream.on("response", (headers) => {
      seen.headers = headers;
    });
    stream.on("trailers", (trailers) => {
      seen.trailers = trailers;
    });
    stream.on("data", (chunk: Buffer) => {
      seen.body += chunk.toString();
    });
    stream.on("end", () => {
      seen.ended = true;
    });
    stream.on("close", () => {
      seen.reset = stream.rstCode;
    });
    stream.on("error", () => undefined);
    const reply = await handed;
    return { ...writerTo(new Http2Reply(reply), stall), reply, stream, seen, close: () => session.destroy() };
  }

  test("a response comes with lower-case fields, repeated ones joined, cookies apart", async () => {
    const { writer, seen, told, close } = await http2();
    const fields = ["X-A", "1", "x-a", "2", "Set-Cookie", "a", "set-cookie", "b"];
    writer.send(aResponse({ fields, body: Buffer.from("abc") }), false, true);
    await settle(60);
    expect(seen.headers).toMatchObject({
      ":status": 200,
      "x-a": "1, 2",
      "set-cookie": ["a", "b"],
      "content-length": "3",
    });
    expect([seen.body, seen.reset, told.outcomes]).toEqual(["abc", constants.NGHTTP2_NO_ERROR, ["complete"]]);
    close();
  });

  test("a body that comes by and by has its trailers, whatever its length", async () => {
    const { writer, seen, told, close } = await http2();
    const source = new ScriptedSource();
    writer.send(aResponse({ fields: ["Content-Length", "2"], body: source }), false, false);
    source.push("ab");
    source.end(["Digest", "x", "Transfer-Encoding", "chunked"]);
    await settle(60);
    expect([seen.body, seen.trailers.digest, seen.ended, told.outcomes]).toEqual(["ab", "x", true, ["complete"]]);
    close();
  });

  test("a body that breaks off resets the stream: it never looks whole", async () => {
    const { writer, seen, told, close } = await http2();
    const source = new ScriptedSource();
    writer.send(aResponse({ body: source }), false, false);
    source.push("ab");
    await settle(60);
    source.fail(new Error("broken off"));
    await settle(60);
    expect([seen.reset, told.outcomes]).toEqual([constants.NGHTTP2_INTERNAL_ERROR, ["broken-off"]]);
    close();
  });

  test("a client that cancels the stream has the source let go", async () => {
    const { writer, stream, told, close } = await http2();
    const source = new ScriptedSource();
    writer.send(aResponse({ body: source }), false, false);
    source.push("ab");
    await settle(60);
    stream.close(constants.NGHTTP2_CANCEL);
    await settle(60);
    expect([source.cancelled, told.outcomes]).toEqual([expect.any(ClientGone), ["client-gone"]]);
    close();
  });

  test("a client that takes nothing is left in time, whatever is owed to it", async () => {
    for (const whole of [true, false]) {
      const { writer, stream, told, close, reply } = await http2("GET", 20);
      stream.pause();
      const source = new ScriptedSource();
      const left = new Promise((resolve) => {
        reply.on("close", resolve);
      });
      writer.send(aResponse({ body: whole ? Buffer.alloc(1 << 20) : source }), false, false);
      if (!whole) source.push(Buffer.alloc(1 << 20));
      await left;
      expect(told.outcomes).toEqual(["client-gone"]);
      close();
    }
  });

  test("HEAD has no body", async () => {
    const { writer, seen, told, close } = await http2("HEAD");
    writer.send(aResponse({ fields: ["Content-Length", "3"], body: Buffer.from("abc") }), true, false);
    await settle(60);
    expect([seen.headers["content-length"], seen.body, told.outcomes]).toEqual(["3", "", ["complete"]]);
    close();
  });
});
