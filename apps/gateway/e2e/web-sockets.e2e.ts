import type { BackendConnection } from "./support/raw-backend.ts";
import { RawClient } from "./support/raw-client.ts";
import { fieldNames, fieldOf, fieldsOf } from "./support/raw-reader.ts";
import { active, settled, stage } from "./support/stage.ts";
import { acceptUpgrade, BINARY, frame, readFrame, TEXT, UPGRADE } from "./support/web-socket.ts";

const here = stage({
  routes: [
    { path: "/private", auth: "api-key" },
    { path: "/", auth: "none" },
  ],
});

/** Opens a WebSocket through the gateway; both its ends. */
async function open(path: string, fields = ""): Promise<[RawClient, BackendConnection, string]> {
  const turn = here.backend.turn(path);
  const client = await RawClient.open(here.gateway.http);
  client.send(`GET ${path} HTTP/1.1\r\nHost: a\r\n${UPGRADE}${fields}\r\n`);
  const { head, connection } = await turn;
  connection.send(acceptUpgrade(head));
  expect(await client.readHead()).toMatch(/^HTTP\/1\.1 101 /);
  return [client, connection, head];
}

describe("the upgrade", () => {
  test("reaches the backend with its own fields, and its answer the client", async () => {
    const turn = here.backend.turn("/upgrade");
    const client = await RawClient.open(here.gateway.http);
    const own = "Sec-WebSocket-Protocol: chat, v2\r\nSec-WebSocket-Extensions: permessage-deflate\r\n";
    const hop = "Keep-Alive: timeout=5\r\nX-Forwarded-For: 6.6.6.6\r\nProxy-Authorization: x\r\n";
    client.send(
      `GET /upgrade?q=1 HTTP/1.1\r\nHost: shop.example\r\n${UPGRADE}${own}${hop}Origin: https://shop.example\r\n\r\n`,
    );
    const { head, connection } = await turn;
    expect(head).toMatch(/^GET \/upgrade\?q=1 HTTP\/1\.1\r\n/);
    expect(fieldsOf(head, "host")).toEqual(["shop.example"]);
    expect(fieldsOf(head, "upgrade")).toEqual(["websocket"]);
    expect(fieldsOf(head, "connection").map((value) => value.toLowerCase())).toEqual(["upgrade"]);
    expect(fieldsOf(head, "sec-websocket-key")).toEqual(["dGhlIHNhbXBsZSBub25jZQ=="]);
    expect(fieldsOf(head, "sec-websocket-version")).toEqual(["13"]);
    expect(fieldsOf(head, "sec-websocket-protocol")).toEqual(["chat, v2"]);
    expect(fieldsOf(head, "sec-websocket-extensions")).toEqual(["permessage-deflate"]);
    expect(fieldsOf(head, "origin")).toEqual(["https://shop.example"]);
    expect(fieldsOf(head, "x-forwarded-for")).toEqual(["127.0.0.1"]);
    for (const name of ["keep-alive", "proxy-authorization", "content-length", "transfer-encoding"])
      expect(fieldNames(head)).not.toContain(name);
    connection.send(acceptUpgrade(head, "Sec-WebSocket-Protocol: v2\r\nX-Backend: 1\r\nKeep-Alive: timeout=5\r\n"));
    const answer = await client.readHead();
    expect(answer).toMatch(/^HTTP\/1\.1 101 Switching Protocols\r\n/);
    expect(fieldsOf(answer, "upgrade")).toEqual(["websocket"]);
    expect(fieldsOf(answer, "connection").map((value) => value.toLowerCase())).toEqual(["upgrade"]);
    expect(fieldsOf(answer, "sec-websocket-accept")).toEqual(["s3pPLMBiTxaQ9kYGzzhZRbK+xOo="]);
    expect(fieldsOf(answer, "sec-websocket-protocol")).toEqual(["v2"]);
    expect(fieldOf(answer, "x-backend")).toBe("1");
    expect(fieldOf(answer, "keep-alive")).toBeUndefined();
    client.socket.resetAndDestroy();
    await settled(here.gateway);
  });

  test.each([403, 404, 426, 500])(
    "that the backend refuses with %d is refused with all that it says",
    async (status) => {
      const path = `/refused-${status}`;
      here.backend.at(path, (_head, connection) =>
        connection.reply("no, thanks", "X-Why: because\r\n", `${status} Refused`),
      );
      const client = await RawClient.open(here.gateway.http);
      client.send(`GET ${path} HTTP/1.1\r\nHost: a\r\n${UPGRADE}\r\n`);
      const response = await client.readResponse();
      expect({ status: response.status, body: response.body }).toEqual({ status, body: "no, thanks" });
      expect(fieldOf(response.head, "x-why")).toBe("because");
      expect(fieldOf(response.head, "connection")).toBe("close");
      expect(await client.readToEnd()).toBe("");
      await settled(here.gateway);
    },
  );

  test("that the backend answers by breaking off is a 502", async () => {
    here.backend.at("/broken", (_head, connection) => {
      connection.socket.destroy();
    });
    const client = await RawClient.open(here.gateway.http);
    client.send(`GET /broken HTTP/1.1\r\nHost: a\r\n${UPGRADE}\r\n`);
    expect((await client.readResponse()).status).toBe(502);
    client.socket.destroy();
  });

  test("needs the key where the route does", async () => {
    for (const [key, status] of [
      ["", 401],
      ["X-API-Key: wrong\r\n", 401],
      ["X-API-Key: test-api-key-123\r\n", 101],
    ] as const) {
      const turn = here.backend.turn("/private");
      const client = await RawClient.open(here.gateway.http);
      client.send(`GET /private HTTP/1.1\r\nHost: a\r\n${UPGRADE}${key}\r\n`);
      if (status === 101) {
        const { head, connection } = await turn;
        expect(fieldOf(head, "x-api-key")).toBeUndefined();
        connection.send(acceptUpgrade(head));
      }
      expect((await client.readResponse()).status).toBe(status);
      client.socket.resetAndDestroy();
    }
    expect(here.backend.requestsTo("/private")).toHaveLength(1);
    await settled(here.gateway);
  });

  test.each([
    ["h2c", "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n"],
    ["another protocol", "Upgrade: other/1\r\nConnection: Upgrade\r\n"],
    ["websocket without Connection", "Upgrade: websocket\r\n"],
    ["websocket and h2c", "Upgrade: h2c, websocket\r\nConnection: Upgrade\r\n"],
  ])("to %s never passes: the request goes on as a plain one", async (what, fields) => {
    const path = `/plain-${what.replaceAll(" ", "-")}`;
    const client = await RawClient.open(here.gateway.http);
    client.send(`GET ${path} HTTP/1.1\r\nHost: a\r\n${fields}\r\n`);
    const { status, body } = await client.readResponse();
    expect(status).toBe(200);
    for (const name of ["upgrade", "http2-settings"]) expect(fieldOf(body, name)).toBeUndefined();
    client.send("GET /next HTTP/1.1\r\nHost: a\r\n\r\n");
    expect((await client.readResponse()).status).toBe(200);
    client.socket.destroy();
  });

  test("by POST, or with content, never becomes a tunnel", async () => {
    const client = await RawClient.open(here.gateway.http);
    client.send(`POST /posted HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n${UPGRADE}\r\nhello`);
    const { status, body } = await client.readResponse();
    expect(status).toBe(200);
    expect(fieldOf(body, "upgrade")).toBeUndefined();
    client.socket.destroy();
  });
});

describe("frames", () => {
  test("pass both ways, of every size, byte by byte", async () => {
    const [client, backend] = await open("/frames");
    expect(await active(here.gateway)).toEqual([1]);
    for (const size of [0, 1, 125, 126, 65_535, 65_536, 1_000_000]) {
      const content = Buffer.alloc(size, "0123456789abcdef\xff\x00", "latin1");
      client.send(frame(BINARY, content, "client"));
      const received = await readFrame(backend);
      expect([received.opcode, received.content.equals(content)]).toEqual([BINARY, true]);
      backend.send(frame(TEXT, content, "server"));
      const returned = await readFrame(client);
      expect([returned.opcode, returned.content.equals(content)]).toEqual([TEXT, true]);
    }
    client.socket.resetAndDestroy();
    await settled(here.gateway);
  });

  test("that come with the upgrade's head are not lost, from either side", async () => {
    const turn = here.backend.turn("/early");
    const client = await RawClient.open(here.gateway.http);
    const early = frame(TEXT, Buffer.from("client first"), "client").toString("latin1");
    client.send(`GET /early HTTP/1.1\r\nHost: a\r\n${UPGRADE}\r\n${early}`);
    const { head, connection } = await turn;
    connection.send(acceptUpgrade(head) + frame(TEXT, Buffer.from("backend first"), "server").toString("latin1"));
    await client.readHead();
    expect((await readFrame(client)).content.toString()).toBe("backend first");
    expect((await readFrame(connection)).content.toString()).toBe("client first");
    client.socket.resetAndDestroy();
    await settled(here.gateway);
  });
});
