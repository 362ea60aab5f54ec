import { exchange, RawClient } from "./support/raw-client.ts";
import { fieldOf, fieldsOf } from "./support/raw-reader.ts";
import { stage } from "./support/stage.ts";

const here = stage();

const SMUGGLED = "GET /smuggled HTTP/1.1\r\nHost: evil\r\n\r\n";

/** The body as chunks of `size` characters. */
function chunked(body: string, size = body.length): string {
  let text = "";
  for (let i = 0; i < body.length; i += size) {
    const part = body.slice(i, i + size);
    text += `${part.length.toString(16)}\r\n${part}\r\n`;
  }
  return `${text}0\r\n\r\n`;
}

describe.each(["DELETE", "OPTIONS", "POST", "PUT", "PATCH", "GET", "QUERY"])("a %s with content", (method) => {
  test("in chunks reaches the backend as one well-framed request with the same content", async () => {
    const path = `/chunked-${method}`;
    const client = await RawClient.open(here.gateway.http);
    client.send(`${method} ${path} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${chunked(SMUGGLED, 7)}`);
    const first = await client.readResponse();
    expect(first.status).toBe(200);
    expect(first.body.startsWith(`${method} ${path} HTTP/1.1\r\n`)).toBe(true);
    expect(first.body.endsWith(`\r\n\r\n${SMUGGLED}`)).toBe(true);
    const framing = [...fieldsOf(first.body, "transfer-encoding"), ...fieldsOf(first.body, "content-length")];
    // What is here as a whole before it goes on has its length told, and so has that of a QUERY, which the cache goes by.
    const sized = [String(SMUGGLED.length)];
    expect(method === "QUERY" ? [sized] : [sized, ["chunked"]]).toContainEqual(framing);

    client.send(`GET ${path}-next HTTP/1.1\r\nHost: a\r\n\r\n`);
    const next = await client.readResponse();
    expect(next.body).toContain(`GET ${path}-next HTTP/1.1\r\n`);
    expect(here.backend.requestsTo(path)).toHaveLength(1);
    expect(here.backend.requestsTo("/smuggled")).toEqual([]);
    client.socket.destroy();
  });

  test("of known length reaches the backend with that length", async () => {
    const head = `${method} /sized-${method} HTTP/1.1\r\nHost: a\r\nContent-Length: ${SMUGGLED.length}\r\n\r\n`;
    const { status, body } = await exchange(here.gateway.http, head + SMUGGLED);
    expect(status).toBe(200);
    expect(fieldsOf(body, "content-length")).toEqual([String(SMUGGLED.length)]);
    expect(fieldOf(body, "transfer-encoding")).toBeUndefined();
    expect(body.endsWith(`\r\n\r\n${SMUGGLED}`)).toBe(true);
    expect(here.backend.requestsTo("/smuggled")).toEqual([]);
  });
});

test("a chunked body without a byte stays a request without content", async () => {
  const request = "DELETE /empty HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
  const { status, body } = await exchange(here.gateway.http, request);
  expect(status).toBe(200);
  expect(body.split("\r\n\r\n")[1]).toBe("");
});

test("chunk extensions and odd sizes of chunks are read, and not passed on", async () => {
  const client = await RawClient.open(here.gateway.http);
  client.send("POST /extended HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: ChUnKeD\r\n\r\n");
  client.send('0005;name="a;b"\r\nhello\r\n00A\r\n, you!!!!!\r\n000\r\n\r\n');
  const { body } = await client.readResponse();
  expect(body.endsWith("\r\n\r\nhello, you!!!!!")).toBe(true);
  client.socket.destroy();
});

test("trailers of a request are not taken for fields", async () => {
  const client = await RawClient.open(here.gateway.http);
  client.send("POST /trailers HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n");
  client.send("X-Forwarded-For: 6.6.6.6\r\nHost: evil\r\n\r\n");
  const { status, body } = await client.readResponse();
  expect(status).toBe(200);
  expect(body).not.toMatch(/evil|6\.6\.6\.6/);
  client.socket.destroy();
});

test.each(["POST", "PUT", "PATCH"])(
  "a %s of length 0 tells its length, and a GET without content has no framing",
  async (method) => {
    const { body } = await exchange(
      here.gateway.http,
      `${method} /zero HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n`,
    );
    expect(fieldsOf(body, "content-length")).toEqual(["0"]);
    const get = await exchange(here.gateway.http, "GET /zero HTTP/1.1\r\nHost: a\r\n\r\n");
    expect(fieldOf(get.body, "content-length")).toBeUndefined();
    expect(fieldOf(get.body, "transfer-encoding")).toBeUndefined();
  },
);

test("a body over the replay bound is streamed whole, with its length or in chunks as it came", async () => {
  const big = "0123456789abcdef".repeat(150_000);
  const sized = `POST /big-sized HTTP/1.1\r\nHost: a\r\nContent-Length: ${big.length}\r\n\r\n${big}`;
  const first = await exchange(here.gateway.http, sized);
  expect(first.body.endsWith(`\r\n\r\n${big}`)).toBe(true);
  expect(fieldsOf(first.body, "content-length")).toEqual([String(big.length)]);
  const inChunks = `POST /big-chunked HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${chunked(big, 50_000)}`;
  const second = await exchange(here.gateway.http, inChunks);
  expect(second.body.endsWith(`\r\n\r\n${big}`)).toBe(true);
  expect(fieldOf(second.body, "transfer-encoding")).toBe("chunked");
});

test("a client's length is never trusted over what it sends: the rest is the next request", async () => {
  const client = await RawClient.open(here.gateway.http);
  client.send(`POST /short HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc${SMUGGLED}`);
  const first = await client.readResponse();
  expect(first.body.endsWith("\r\n\r\nabc")).toBe(true);
  const second = await client.readResponse();
  expect(second.body.startsWith("GET /smuggled HTTP/1.1\r\n")).toBe(true);
  expect(fieldOf(second.body, "host")).toBe("evil");
  client.socket.destroy();
});
