import { RawClient } from "./support/raw-client.ts";
import { fieldOf } from "./support/raw-reader.ts";
import { accessLine, stage } from "./support/stage.ts";

const here = stage();

const CHUNKED = "Transfer-Encoding: chunked";

async function post(path: string, fields: string, body: string): Promise<RawClient> {
  const client = await RawClient.open(here.gateway.http);
  client.send(`POST ${path} HTTP/1.1\r\nHost: a\r\n${fields}\r\n\r\n${body}`);
  return client;
}

describe("chunks that could be read in two ways are refused with 400, and the backend never gets the end", () => {
  test.each([
    ["a size beyond 64 bits", "fffffffffffffffff\r\nhello"],
    ["a size that wraps around", "10000000000000005\r\nhello"],
    ["a negative size", "-5\r\nhello"],
    ["a signed size", "+5\r\nhello"],
    ["a size with 0x", "0x5\r\nhello"],
    ["no size", "\r\nhello"],
    ["a size that is no number", "five\r\nhello"],
    ["a space before the size", " 5\r\nhello"],
    ["a space behind the size", "5 \r\nhello"],
    ["a bare LF behind the size", "5\nhello"],
    ["a bare CR behind the size", "5\rhello"],
    ["more data than the size says", "5\r\nhello!\r\n0\r\n\r\n"],
    ["a bare LF behind the data", "5\r\nhello\n0\r\n\r\n"],
    ["no CRLF behind the data", "5\r\nhello0\r\n\r\n"],
    ["a bare LF in an extension", "5;a\nb\r\nhello\r\n0\r\n\r\n"],
    ["a bare CR in an extension", "5;a\rb\r\nhello\r\n0\r\n\r\n"],
    ["NUL in an extension", "5;a\x00b\r\nhello\r\n0\r\n\r\n"],
    ["a malformed trailer", "5\r\nhello\r\n0\r\nX-Sum : 1\r\n\r\n"],
  ])("%s", async (what, chunks) => {
    const path = `/chunks-${what.replaceAll(" ", "-")}`;
    const turn = here.backend.turn(path);
    const client = await post(path, CHUNKED, "3\r\none\r\n");
    const { connection } = await turn;
    expect(await connection.readChunk()).toBe("one");
    client.send(`${chunks}GET /smuggled HTTP/1.1\r\nHost: evil\r\n\r\n`);
    const { status, head, body } = await client.readResponse();
    expect(status).toBe(400);
    expect(fieldOf(head, "connection")).toBe("close");
    expect(JSON.parse(body)).toMatchObject({ status: 400 });
    expect(await client.readToEnd()).toBe("");
    expect(await connection.readToEnd()).not.toContain("\r\n0\r\n");
    expect(here.backend.requestsTo("/smuggled")).toEqual([]);
    client.socket.destroy();
  });
});

describe.each([
  ["chunked", CHUNKED, "3\r\none\r\n5\r\ntw"],
  ["sized and streamed", "Content-Length: 2000000", "one and two"],
])("a %s upload that ends early", (kind, fields, part) => {
  test.each(["ends", "breaks"] as const)(
    "does not reach the backend as a whole where the client %s its side",
    async (how) => {
      const path = `/early-${kind.replaceAll(" ", "-")}-${how}`;
      const turn = here.backend.turn(path);
      const client = await post(path, fields, part);
      const { connection } = await turn;
      await connection.readUntil("one");
      if (how === "ends") {
        client.socket.end();
        const { status, body } = await client.readResponse();
        expect(status).toBe(400);
        expect(JSON.parse(body)).toMatchObject({ code: "incomplete-content" });
      } else client.socket.resetAndDestroy();
      expect(await connection.readToEnd()).not.toContain("\r\n0\r\n");
      expect(here.backend.requestsTo(path)).toHaveLength(1);
      client.socket.destroy();
    },
  );
});

test("a small sized upload that ends early never gets to a backend", async () => {
  const client = await post("/early-small", "Content-Length: 10", "hello");
  client.socket.end();
  const { status, body } = await client.readResponse();
  expect(status).toBe(400);
  expect(JSON.parse(body)).toMatchObject({ code: "incomplete-content" });
  expect(await accessLine(here.gateway, "/early-small")).toMatchObject({ status: 400, attempts: 0, requestBytes: 5 });
  expect(here.backend.requestsTo("/early-small")).toEqual([]);
  client.socket.destroy();
});

test("a broken upload is no mark against the backend, and is not tried elsewhere", async () => {
  const turn = here.backend.turn("/not-its-fault");
  const client = await post("/not-its-fault", CHUNKED, "3\r\none\r\n");
  await turn;
  client.send("zz\r\n");
  expect((await client.readResponse()).status).toBe(400);
  expect(await accessLine(here.gateway, "/not-its-fault")).toMatchObject({ attempts: 1, status: 400 });
  client.socket.destroy();
});
