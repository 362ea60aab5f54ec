import { exchange, RawClient } from "./support/raw-client.ts";
import { fieldOf, fieldsOf } from "./support/raw-reader.ts";
import { stage } from "./support/stage.ts";

const here = stage();

test.each(["", "Connection: keep-alive\r\n", "TE: chunked\r\n"])(
  "a chunked answer goes without chunks, up to the connection's end, to a client that says %j",
  async (fields) => {
    const turn = here.backend.turn("/chunked");
    const client = await RawClient.open(here.gateway.http);
    client.send(`GET /chunked HTTP/1.0\r\nHost: a\r\n${fields}\r\n`);
    const { connection, done } = await turn;
    connection.send("HTTP/1.1 200 OK\r\nCache-Control: no-store\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n");
    const head = await client.readHead();
    expect(fieldOf(head, "transfer-encoding")).toBeUndefined();
    expect(fieldOf(head, "content-length")).toBeUndefined();
    expect(fieldOf(head, "connection")).toBe("close");
    expect(await client.readBytes(3)).toBe("one");
    connection.send("3\r\ntwo\r\n0\r\n\r\n");
    expect(await client.readToEnd()).toBe("two");
    done();
    client.socket.destroy();
  },
);

test("a chunked answer that is here as a whole gets its length", async () => {
  here.backend.at("/whole", (_head, connection) =>
    connection.send(
      "HTTP/1.1 200 OK\r\nCache-Control: no-store\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n",
    ),
  );
  const { head, body } = await exchange(here.gateway.http, "GET /whole HTTP/1.0\r\n\r\n");
  expect(body).toBe("onetwo");
  expect(fieldOf(head, "transfer-encoding")).toBeUndefined();
});

test("the connection ends after an answer unless the client asks to keep it", async () => {
  const client = await RawClient.open(here.gateway.http);
  client.send("GET /once HTTP/1.0\r\nHost: a\r\n\r\n");
  const { head } = await client.readResponse();
  expect(fieldsOf(head, "connection")).toEqual(["close"]);
  expect(await client.readToEnd()).toBe("");
  client.socket.destroy();
});

test("the connection is kept where the client asks for it and the length is known", async () => {
  const client = await RawClient.open(here.gateway.http);
  for (let i = 0; i < 3; i++) {
    client.send(`GET /kept-${i} HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n`);
    const { head, body } = await client.readResponse();
    expect(fieldOf(head, "connection")?.toLowerCase()).toBe("keep-alive");
    expect(body).toContain(`GET /kept-${i} HTTP/1.1`);
  }
  client.socket.destroy();
});

test("a request goes on as HTTP/1.1, with what the client did not say left out or made up for", async () => {
  const { body } = await exchange(here.gateway.http, "GET /upgraded HTTP/1.0\r\nConnection: X-Hop\r\nX-Hop: 1\r\n\r\n");
  expect(body).toMatch(/^GET \/upgraded HTTP\/1\.1\r\n/);
  expect(fieldsOf(body, "host")).toEqual([`127.0.0.1:${here.backend.port}`]);
  expect(fieldsOf(body, "via")).toEqual(["1.0 headgate"]);
  expect(fieldOf(body, "x-hop")).toBeUndefined();
  expect(fieldOf(body, "x-forwarded-host")).toBeUndefined();
});

test("an upload of known length is passed on", async () => {
  const { status, body } = await exchange(here.gateway.http, "POST /upload HTTP/1.0\r\nContent-Length: 5\r\n\r\nhello");
  expect(status).toBe(200);
  expect(body.endsWith("\r\n\r\nhello")).toBe(true);
});

test("a body that breaks off on the way to an HTTP/1.0 client does not end like a whole one", async () => {
  const turn = here.backend.turn("/broken");
  const client = await RawClient.open(here.gateway.http);
  const reset = new Promise<string>((resolve) => {
    client.socket.on("error", (error: Error & { code?: string }) => resolve(error.code ?? ""));
    client.socket.on("end", () => resolve("ended"));
  });
  client.send("GET /broken HTTP/1.0\r\n\r\n");
  const { connection } = await turn;
  connection.send("HTTP/1.1 200 OK\r\nCache-Control: no-store\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n");
  await client.readHead();
  expect(await client.readBytes(3)).toBe("one");
  connection.socket.destroy();
  expect(await reset).toBe("ECONNRESET");
});

describe("pipelined requests", () => {
  test("are answered in their order, however long each takes", async () => {
    const slow = here.backend.turn("/slow");
    const client = await RawClient.open(here.gateway.http);
    client.send(
      "GET /slow HTTP/1.1\r\nHost: a\r\n\r\nPOST /fast-1 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
    );
    client.send("GET /fast-2 HTTP/1.1\r\nHost: a\r\n\r\n");
    const { connection, done } = await slow;
    connection.reply("slow", "Cache-Control: no-store\r\n");
    done();
    expect((await client.readResponse()).body).toBe("slow");
    const second = await client.readResponse();
    expect(second.body).toMatch(/^POST \/fast-1 /);
    expect(second.body.endsWith("\r\n\r\nhello")).toBe(true);
    expect((await client.readResponse()).body).toMatch(/^GET \/fast-2 /);
    client.socket.destroy();
  });

  test("of any number are all answered", async () => {
    const client = await RawClient.open(here.gateway.http);
    let burst = "";
    for (let i = 0; i < 100; i++) burst += `GET /burst-${i} HTTP/1.1\r\nHost: a\r\n\r\n`;
    client.send(burst);
    for (let i = 0; i < 100; i++) expect((await client.readResponse()).body).toMatch(new RegExp(`^GET /burst-${i} `));
    client.socket.destroy();
  });

  test("behind Connection: close are not served", async () => {
    const client = await RawClient.open(here.gateway.http);
    client.send("GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\nGET /beyond HTTP/1.1\r\nHost: a\r\n\r\n");
    expect((await client.readResponse()).status).toBe(200);
    expect(await client.readToEnd()).toBe("");
    expect(here.backend.requestsTo("/beyond")).toEqual([]);
    client.socket.destroy();
  });
});
