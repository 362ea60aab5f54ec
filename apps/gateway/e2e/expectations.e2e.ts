import { startGateway, testConfig } from "./support/gateway.ts";
import { closedPort } from "./support/raw-backend.ts";
import { RawClient } from "./support/raw-client.ts";
import { fieldOf } from "./support/raw-reader.ts";
import { stage } from "./support/stage.ts";

const here = stage({
  limits: { body: "1MiB", replay: "64KiB" },
  routes: [
    { path: "/private", auth: "api-key" },
    { path: "/", auth: "none" },
  ],
});

async function expecting(
  path: string,
  fields: string,
  expectation = "100-continue",
  version = "1.1",
): Promise<RawClient> {
  const client = await RawClient.open(here.gateway.http);
  client.send(`POST ${path} HTTP/${version}\r\nHost: a\r\nExpect: ${expectation}\r\n${fields}\r\n\r\n`);
  return client;
}

test.each([
  ["small", "Content-Length: 5", "hello"],
  ["chunked", "Transfer-Encoding: chunked", "5\r\nhello\r\n0\r\n\r\n"],
])("a %s body is invited once, and Expect ends at the gateway", async (_kind, fields, body) => {
  const client = await expecting("/invited", fields);
  expect(await client.readHead()).toBe("HTTP/1.1 100 Continue\r\n\r\n");
  expect(client.pending).toBe("");
  client.send(body);
  const response = await client.readResponse();
  expect(response.status).toBe(200);
  expect(fieldOf(response.body, "expect")).toBeUndefined();
  expect(response.body.endsWith("\r\n\r\nhello")).toBe(true);
  client.send("GET /next HTTP/1.1\r\nHost: a\r\n\r\n");
  expect((await client.readResponse()).body).toContain("GET /next HTTP/1.1");
  client.socket.destroy();
});

test("a client that does not wait is served as well", async () => {
  const client = await expecting("/impatient", "Content-Length: 5");
  client.send("hello");
  expect(await client.readHead()).toBe("HTTP/1.1 100 Continue\r\n\r\n");
  expect((await client.readResponse()).body.endsWith("\r\n\r\nhello")).toBe(true);
  client.socket.destroy();
});

test("the expectation is read in any case", async () => {
  const client = await expecting("/any-case", "Content-Length: 5", "100-Continue");
  expect(await client.readHead()).toBe("HTTP/1.1 100 Continue\r\n\r\n");
  client.send("hello");
  expect((await client.readResponse()).status).toBe(200);
  client.socket.destroy();
});

describe("a body that is not wanted is not invited, and the connection ends", () => {
  test.each([
    ["no key", "/private", "Content-Length: 5", 401],
    ["too long", "/too-long", "Content-Length: 1048577", 413],
    ["two Hosts", "/two-hosts", "Host: b\r\nContent-Length: 5", 400],
    ["a bad target", "/bad#target", "Content-Length: 5", 400],
  ])("%s", async (_what, path, fields, status) => {
    const client = await expecting(path, fields);
    const response = await client.readResponse();
    expect(response.status).toBe(status);
    // Whether the client sends its body after that is its own choice: what comes next could be either.
    expect(fieldOf(response.head, "connection")).toBe("close");
    expect(await client.readToEnd()).toBe("");
    client.socket.destroy();
  });

  test("no backend that takes connections", async () => {
    const gateway = await startGateway(testConfig([await closedPort()], { limits: { replay: 0 } }));
    try {
      const client = await RawClient.open(gateway.http);
      client.send("POST /nobody HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
      const { status } = await client.readResponse();
      expect([502, 503]).toContain(status);
      client.socket.destroy();
    } finally {
      await gateway.stop();
    }
  });
});

test("another expectation cannot be met: 417", async () => {
  const client = await expecting("/other", "Content-Length: 5", "200-ok");
  const { status, head, body } = await client.readResponse();
  expect(status).toBe(417);
  expect(fieldOf(head, "content-type")).toBe("application/problem+json");
  expect(JSON.parse(body)).toMatchObject({ code: "expectation-failed" });
  expect(here.backend.requestsTo("/other")).toEqual([]);
  client.socket.destroy();
});

test("an HTTP/1.0 client knows no 100 and gets none", async () => {
  const client = await expecting("/old", "Content-Length: 5", "100-continue", "1.0");
  client.send("hello");
  const { status, body } = await client.readResponse();
  expect(status).toBe(200);
  expect(body.endsWith("\r\n\r\nhello")).toBe(true);
  client.socket.destroy();
});

test("an expectation without content changes nothing", async () => {
  const client = await RawClient.open(here.gateway.http);
  client.send("GET /no-content HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n");
  expect((await client.readResponse()).status).toBe(200);
  client.socket.destroy();
});

test("a backend that sends 100 unasked is told as a bad response, and nothing runs twice", async () => {
  here.backend.at("/unasked", async (head, connection) => {
    connection.send("HTTP/1.1 100 Continue\r\n\r\n");
    await connection.readContent(head);
    connection.reply("fine");
  });
  const client = await RawClient.open(here.gateway.http);
  client.send("POST /unasked HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello");
  const { status, body } = await client.readResponse();
  expect(status).toBe(502);
  expect(JSON.parse(body)).toMatchObject({ code: "upstream-bad-response" });
  expect(here.backend.requestsTo("/unasked")).toHaveLength(1);
  client.socket.destroy();
});
