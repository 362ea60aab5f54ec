import { RawClient } from "./support/raw-client.ts";
import { fieldOf } from "./support/raw-reader.ts";
import type { Turn } from "./support/routed-backend.ts";
import { settled, stage } from "./support/stage.ts";

const here = stage();

async function open(path: string): Promise<[RawClient, Turn]> {
  const turn = here.backend.turn(path);
  const client = await RawClient.open(here.gateway.http);
  client.send(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
  return [client, await turn];
}

describe.each(["no-store", "max-age=60"])("a body with Cache-Control: %s", (cacheControl) => {
  const kind = cacheControl === "no-store" ? "passed" : "stored";

  test("of known length arrives piece by piece", async () => {
    const [client, { connection: backend, done }] = await open(`/sized-${kind}`);
    backend.send(`HTTP/1.1 200 OK\r\nCache-Control: ${cacheControl}\r\nContent-Length: 9\r\n\r\none`);
    const head = await client.readHead();
    expect(fieldOf(head, "content-length")).toBe("9");
    expect(await client.readBytes(3)).toBe("one");
    backend.send("two");
    expect(await client.readBytes(3)).toBe("two");
    backend.send("end");
    expect(await client.readBytes(3)).toBe("end");
    done();
    client.send("GET /next HTTP/1.1\r\nHost: a\r\n\r\n");
    expect((await client.readResponse()).status).toBe(200);
    client.socket.destroy();
  });

  test("in chunks arrives piece by piece", async () => {
    const [client, { connection: backend, done }] = await open(`/chunked-${kind}`);
    backend.send(`HTTP/1.1 200 OK\r\nCache-Control: ${cacheControl}\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n`);
    const head = await client.readHead();
    expect(fieldOf(head, "transfer-encoding")).toBe("chunked");
    expect(await client.readChunk()).toBe("one");
    backend.send("3\r\ntwo\r\n");
    expect(await client.readChunk()).toBe("two");
    backend.send("0\r\n\r\n");
    expect(await client.readChunk()).toBe("");
    expect(await client.readUntil("\r\n")).toBe("\r\n");
    done();
    client.socket.destroy();
  });

  test("without a length, until the backend closes, is passed on in chunks with an end of its own", async () => {
    const [client, { connection: backend, done }] = await open(`/closed-${kind}`);
    backend.send(`HTTP/1.1 200 OK\r\nCache-Control: ${cacheControl}\r\n\r\none`);
    const head = await client.readHead();
    expect(fieldOf(head, "transfer-encoding")).toBe("chunked");
    expect(await client.readChunk()).toBe("one");
    backend.send("two");
    expect(await client.readChunk()).toBe("two");
    backend.socket.end();
    expect(await client.readChunk()).toBe("");
    expect(await client.readUntil("\r\n")).toBe("\r\n");
    done();
    client.send("GET /next HTTP/1.1\r\nHost: a\r\n\r\n");
    expect((await client.readResponse()).status).toBe(200);
    client.socket.destroy();
  });
});

test("a head arrives although no byte of its body has come", async () => {
  const [client, { connection: backend, done }] = await open("/head-first");
  backend.send("HTTP/1.1 200 OK\r\nCache-Control: no-store\r\nContent-Length: 3\r\n\r\n");
  expect(await client.readHead()).toMatch(/^HTTP\/1.1 200 /);
  backend.send("end");
  expect(await client.readBytes(3)).toBe("end");
  done();
  client.socket.destroy();
});

test("an upload reaches the backend piece by piece, and the answer may come before its end", async () => {
  const turn = here.backend.turn("/duplex");
  const client = await RawClient.open(here.gateway.http);
  client.send("POST /duplex HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n");
  const { connection: backend, done } = await turn;
  expect(await backend.readChunk()).toBe("one");
  client.send("3\r\ntwo\r\n");
  expect(await backend.readChunk()).toBe("two");
  backend.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nONE\r\n");
  await client.readHead();
  expect(await client.readChunk()).toBe("ONE");
  client.send("5\r\nthree\r\n");
  expect(await backend.readChunk()).toBe("three");
  backend.send("5\r\nTHREE\r\n");
  expect(await client.readChunk()).toBe("THREE");
  client.send("0\r\n\r\n");
  expect(await backend.readChunk()).toBe("");
  backend.send("0\r\n\r\n");
  expect(await client.readChunk()).toBe("");
  done();
  client.socket.destroy();
});

describe.each([
  ["sized", "Content-Length: 4000000"],
  ["chunked", "Transfer-Encoding: chunked"],
])("a backend that answers a %s upload before it has read it", (kind, framing) => {
  test.each(["and closes", "and reads on"])(
    "%s: its answer arrives, and the next request is not taken for content",
    async (then) => {
      const path = `/unread-${kind}-${then.slice(4, 9)}`;
      here.backend.at(path, async (head, connection) => {
        connection.socket.pause();
        connection.reply("no, thanks", "Cache-Control: no-store\r\n", "403 Forbidden");
        if (then === "and closes") connection.socket.end();
        else {
          connection.socket.resume();
          await connection.readContent(head);
        }
      });
      const client = await RawClient.open(here.gateway.http);
      const body =
        kind === "sized" ? "x".repeat(4_000_000) : `${`10000\r\n${"x".repeat(65_536)}\r\n`.repeat(60)}0\r\n\r\n`;
      client.send(`POST ${path} HTTP/1.1\r\nHost: a\r\n${framing}\r\n\r\n${body}`);
      const { status, head, body: answer } = await client.readResponse();
      expect({ status, answer }).toEqual({ status: 403, answer: "no, thanks" });
      await settled(here.gateway);
      if (fieldOf(head, "connection") === "close") {
        expect(await client.readToEnd()).toBe("");
        return;
      }
      client.send("GET /next HTTP/1.1\r\nHost: a\r\n\r\n");
      expect((await client.readResponse()).body).toContain("GET /next HTTP/1.1");
      client.socket.destroy();
    },
  );
});
