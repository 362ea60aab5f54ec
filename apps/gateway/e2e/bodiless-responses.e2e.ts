import { exchange, RawClient, type RawResponse } from "./support/raw-client.ts";
import { fieldOf, fieldsOf } from "./support/raw-reader.ts";
import { stage } from "./support/stage.ts";

const here = stage();

/** The next request on the connection is answered as ever: nothing of the last response is left in it. */
async function expectNext(client: RawClient): Promise<void> {
  client.send("GET /next HTTP/1.1\r\nHost: a\r\n\r\n");
  expect((await client.readResponse()).body).toContain("GET /next HTTP/1.1\r\n");
  client.socket.destroy();
}

/** Asks on a connection, and then once more on it. */
async function ask(method: string, path: string, fields = ""): Promise<RawResponse> {
  const client = await RawClient.open(here.gateway.http);
  client.send(`${method} ${path} HTTP/1.1\r\nHost: a\r\n${fields}\r\n`);
  const response = await client.readResponse(method === "HEAD");
  await expectNext(client);
  return response;
}

describe("HEAD", () => {
  test.each([
    ["a length", "Content-Length: 12345\r\n", "12345"],
    ["length 0", "Content-Length: 0\r\n", "0"],
    ["chunks", "Transfer-Encoding: chunked\r\n", undefined],
    ["neither", "", undefined],
  ])("answered with %s tells what GET would have, and no content", async (what, fields, length) => {
    const path = `/head-${what.replaceAll(" ", "-")}`;
    here.backend.at(path, (_head, connection) =>
      connection.send(`HTTP/1.1 200 OK\r\nCache-Control: no-store\r\n${fields}\r\n`),
    );
    const { status, head } = await ask("HEAD", path);
    expect(status).toBe(200);
    expect(fieldOf(head, "content-length")).toBe(length);
    expect(here.backend.requestsTo(path)[0]).toMatch(/^HEAD /);
  });

  test("keeps the connection to the backend for the next request", async () => {
    const used = new Set<number>();
    here.backend.at("/head-kept", (_head, connection) => {
      used.add(connection.index);
      connection.send("HTTP/1.1 200 OK\r\nCache-Control: no-store\r\nContent-Length: 5\r\n\r\n");
    });
    const client = await RawClient.open(here.gateway.http);
    for (let i = 0; i < 5; i++) {
      client.send("HEAD /head-kept HTTP/1.1\r\nHost: a\r\n\r\n");
      expect((await client.readResponse(true)).status).toBe(200);
    }
    expect(used.size).toBe(1);
    client.socket.destroy();
  });

  test("of the gateway's own refusals has the length of what GET would get", async () => {
    const get = await exchange(here.gateway.http, "GET /x#y HTTP/1.1\r\nHost: a\r\n\r\n");
    const head = await exchange(here.gateway.http, "HEAD /x#y HTTP/1.1\r\nHost: a\r\n\r\n", true);
    expect(head.status).toBe(400);
    expect(fieldOf(head.head, "content-length")).toBe(fieldOf(get.head, "content-length"));
  });

  test("with a coding tells the coding that GET would have", async () => {
    here.backend.at("/head-coded", (_head, connection) =>
      connection.send(
        "HTTP/1.1 200 OK\r\nCache-Control: no-store\r\nContent-Type: text/plain\r\nContent-Length: 5000\r\n\r\n",
      ),
    );
    const { head } = await ask("HEAD", "/head-coded", "Accept-Encoding: gzip\r\n");
    expect(fieldOf(head, "content-encoding")).toBe("gzip");
    expect(fieldOf(head, "vary")).toBe("Accept-Encoding");
    expect(fieldOf(head, "content-length")).toBeUndefined();
  });
});

describe("204", () => {
  test.each([
    ["as it should be", ""],
    ["with a length", "Content-Length: 0\r\n"],
    ["with a length it must not have", "Content-Length: 5\r\n"],
  ])("%s has no content and no length", async (what, fields) => {
    const path = `/204-${what.replaceAll(" ", "-")}`;
    here.backend.at(path, (_head, connection) =>
      connection.send(`HTTP/1.1 204 No Content\r\nX-Kept: yes\r\n${fields}\r\n`),
    );
    for (const method of ["GET", "DELETE"]) {
      const { status, head } = await ask(method, path);
      expect(status).toBe(204);
      expect(fieldOf(head, "x-kept")).toBe("yes");
      expect(fieldOf(head, "content-length")).toBeUndefined();
      expect(fieldOf(head, "transfer-encoding")).toBeUndefined();
    }
  });
});

describe("304", () => {
  test.each([
    ["without a length", ""],
    ["with the length of the whole", "Content-Length: 12345\r\n"],
    ["with Transfer-Encoding", "Transfer-Encoding: chunked\r\n"],
  ])("%s has no content", async (what, fields) => {
    const path = `/304-${what.replaceAll(" ", "-")}`;
    here.backend.at(path, (_head, connection) =>
      connection.send(`HTTP/1.1 304 Not Modified\r\nETag: "v1"\r\n${fields}\r\n`),
    );
    const { status, head } = await ask("GET", path, 'If-None-Match: "v1"\r\n');
    expect(status).toBe(304);
    expect(fieldsOf(head, "etag")).toEqual(['"v1"']);
    expect(fieldOf(head, "transfer-encoding")).toBeUndefined();
    expect(here.backend.requestsTo(path)).toHaveLength(1);
  });
});

test.each([200, 201, 404, 500])("a %d with length 0 keeps it", async (status) => {
  const path = `/empty-${status}`;
  here.backend.at(path, (_head, connection) => connection.reply("", "Cache-Control: no-store\r\n", `${status} Status`));
  const response = await ask("GET", path);
  expect(response.status).toBe(status);
  expect(fieldsOf(response.head, "content-length")).toEqual(["0"]);
});

test("a status that nobody knows is passed on with its content", async () => {
  here.backend.at("/unknown", (_head, connection) =>
    connection.reply("hello", "Cache-Control: no-store\r\n", "599 Whatever"),
  );
  const { status, body } = await ask("GET", "/unknown");
  expect({ status, body }).toEqual({ status: 599, body: "hello" });
});
