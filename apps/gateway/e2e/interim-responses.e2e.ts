import { RawClient } from "./support/raw-client.ts";
import { fieldOf, fieldsOf } from "./support/raw-reader.ts";
import { stage } from "./support/stage.ts";

const here = stage();

const HINTS = "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\nLink: </b.js>; rel=preload\r\n\r\n";

async function open(path: string, version = "1.1"): Promise<RawClient> {
  const client = await RawClient.open(here.gateway.http);
  client.send(`GET ${path} HTTP/${version}\r\nHost: a\r\n\r\n`);
  return client;
}

test("103 Early Hints reach a client at once, before the answer", async () => {
  const turn = here.backend.turn("/hints");
  const client = await open("/hints");
  const { connection, done } = await turn;
  connection.send(HINTS);
  const interim = await client.readHead();
  expect(interim).toMatch(/^HTTP\/1\.1 103 Early Hints\r\n/);
  expect(fieldsOf(interim, "link").join(",")).toBe("</a.css>; rel=preload,</b.js>; rel=preload");
  expect(fieldOf(interim, "content-length")).toBeUndefined();
  connection.reply("done", "Cache-Control: no-store\r\n");
  const { status, body, head } = await client.readResponse();
  expect({ status, body }).toEqual({ status: 200, body: "done" });
  expect(fieldOf(head, "link")).toBeUndefined();
  done();
  client.send("GET /next HTTP/1.1\r\nHost: a\r\n\r\n");
  expect((await client.readResponse()).status).toBe(200);
  client.socket.destroy();
});

test("several interim responses come in their order", async () => {
  here.backend.at("/several", (_head, connection) => {
    connection.send(`HTTP/1.1 102 Processing\r\n\r\n${HINTS}HTTP/1.1 103 Early Hints\r\nLink: </c>\r\n\r\n`);
    connection.reply("done", "Cache-Control: no-store\r\n");
  });
  const client = await open("/several");
  const statuses: number[] = [];
  for (let status = 0; status !== 200; ) {
    ({ status } = await client.readResponse());
    statuses.push(status);
  }
  expect(statuses).toEqual([102, 103, 103, 200]);
  client.socket.destroy();
});

test("an HTTP/1.0 client gets the answer alone", async () => {
  here.backend.at("/old", (_head, connection) => {
    connection.send(HINTS);
    connection.reply("done", "Cache-Control: no-store\r\n");
  });
  const client = await open("/old", "1.0");
  const all = await client.readToEnd();
  expect(all).toMatch(/^HTTP\/1\.1 200 /);
  expect(all).not.toContain("103");
  client.socket.destroy();
});

test("fields of the connection do not come with an interim response", async () => {
  here.backend.at("/hop", (_head, connection) => {
    connection.send(
      "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nConnection: X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\n\r\n",
    );
    connection.reply("done", "Cache-Control: no-store\r\n");
  });
  const client = await open("/hop");
  const interim = await client.readHead();
  expect(fieldOf(interim, "link")).toBe("</a>");
  for (const name of ["connection", "x-hop", "keep-alive"]) expect(fieldOf(interim, name)).toBeUndefined();
  expect((await client.readResponse()).body).toBe("done");
  client.socket.destroy();
});

test("an answer that breaks off behind an interim response is a 502, and is not tried twice where that is unsafe", async () => {
  here.backend.at("/broken", (_head, connection) => {
    connection.socket.end(HINTS);
  });
  const client = await RawClient.open(here.gateway.http);
  client.send("POST /broken HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
  expect(await client.readHead()).toMatch(/^HTTP\/1\.1 103 /);
  expect((await client.readResponse()).status).toBe(502);
  expect(here.backend.requestsTo("/broken")).toHaveLength(1);
  client.socket.destroy();
});

test("a 101 that nobody asked for is a bad response", async () => {
  here.backend.at("/unasked", (_head, connection) =>
    connection.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\nother bytes"),
  );
  const client = await open("/unasked");
  const { status, body } = await client.readResponse();
  expect(status).toBe(502);
  expect(JSON.parse(body)).toMatchObject({ code: "upstream-bad-response" });
  client.socket.destroy();
});
