import { exchange, RawClient, type RawResponse } from "./support/raw-client.ts";
import { fieldOf } from "./support/raw-reader.ts";
import { stage } from "./support/stage.ts";

const here = stage();

const SMUGGLED = "GET /smuggled HTTP/1.1\r\nHost: evil\r\n\r\n";

interface Refusal extends RawResponse {
  /** Bytes behind the response, up to the end of the connection. */
  readonly rest: string;
}

/** Sends bytes on a connection of their own; the response, and what came until the gateway closed the connection. */
async function refusal(bytes: string): Promise<Refusal> {
  const client = await RawClient.open(here.gateway.http);
  client.send(bytes);
  const response = await client.readResponse();
  const rest = await client.readToEnd();
  client.socket.destroy();
  return { ...response, rest };
}

/** The request is refused with a problem, the connection ends, and nothing of it or behind it reaches the backend. */
async function expectRefused(bytes: string, status: number, code?: string): Promise<void> {
  const before = here.backend.requests.length;
  const response = await refusal(bytes + SMUGGLED);
  expect({ status: response.status, rest: response.rest }).toEqual({ status, rest: "" });
  expect(fieldOf(response.head, "connection")).toBe("close");
  expect(fieldOf(response.head, "content-type")).toBe("application/problem+json");
  const problem = JSON.parse(response.body) as { status: number; code: string };
  expect(problem.status).toBe(status);
  if (code !== undefined) expect(problem.code).toBe(code);
  expect(here.backend.requests).toHaveLength(before);
}

const CHUNKS = "5\r\nhello\r\n0\r\n\r\n";

/** A POST with these field lines beside Host. */
function post(fields: string, body = CHUNKS, version = "1.1"): string {
  return `POST /refused HTTP/${version}\r\nHost: a\r\n${fields}\r\n\r\n${body}`;
}

describe("a request whose content could be read in two ways is refused with 400", () => {
  test.each([
    ["length, then chunks", "Content-Length: 5\r\nTransfer-Encoding: chunked"],
    ["chunks, then length", "Transfer-Encoding: chunked\r\nContent-Length: 5"],
    ["length 0 and chunks", "Content-Length: 0\r\nTransfer-Encoding: chunked"],
    ["two different lengths", "Content-Length: 5\r\nContent-Length: 6"],
    ["the same length twice", "Content-Length: 5\r\nContent-Length: 5"],
    ["a list of lengths", "Content-Length: 5, 5"],
    ["a signed length", "Content-Length: +5"],
    ["a negative length", "Content-Length: -5"],
    ["a hexadecimal length", "Content-Length: 0x5"],
    ["a length with spaces", "Content-Length: 5 5"],
    ["a length with a point", "Content-Length: 5.0"],
    ["an empty length", "Content-Length: "],
    ["a length beyond 64 bits", "Content-Length: 18446744073709551621"],
    ["xchunked", "Transfer-Encoding: xchunked"],
    ["chunkedx", "Transfer-Encoding: chunkedx"],
    ["quoted chunked", 'Transfer-Encoding: "chunked"'],
    ["identity", "Transfer-Encoding: identity"],
    ["gzip alone", "Transfer-Encoding: gzip"],
    ["chunked and then gzip", "Transfer-Encoding: chunked, gzip"],
    ["chunked twice in one field", "Transfer-Encoding: chunked, chunked"],
    ["chunked in two fields", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"],
    ["identity and chunked in two fields", "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked"],
    ["chunked with a parameter", "Transfer-Encoding: chunked;q=1"],
    ["chunked behind a vertical tab", "Transfer-Encoding: \x0bchunked"],
    ["chunked behind a no-break space", "Transfer-Encoding: \xa0chunked"],
    ["an empty coding", "Transfer-Encoding: "],
    ["a list with an empty member", "Transfer-Encoding: , chunked"],
  ])("%s", async (_what, fields) => {
    await expectRefused(post(fields), 400);
  });

  test("chunks in HTTP/1.0", async () => {
    await expectRefused(post("Transfer-Encoding: chunked", CHUNKS, "1.0"), 400, "invalid-transfer-encoding");
  });
});

test("gzip, then chunked is a coding that is not supported: 501", async () => {
  await expectRefused(post("Transfer-Encoding: gzip, chunked"), 501, "unsupported-transfer-encoding");
});

/** A GET with these field lines alone. */
function get(fields: string, target = "/refused", version = "1.1"): string {
  return `GET ${target} HTTP/${version}\r\n${fields}\r\n`;
}

describe("a malformed head is refused with 400", () => {
  test.each([
    ["no Host", get("")],
    ["two Hosts", get("Host: a\r\nHost: b\r\n")],
    ["the same Host twice", get("Host: a\r\nHost: a\r\n")],
    ["two Hosts in HTTP/1.0", get("Host: a\r\nHost: b\r\n", "/refused", "1.0")],
    ["a list of hosts", get("Host: a, b\r\n")],
    ["a Host with a path", get("Host: a/b\r\n")],
    ["a Host with a user", get("Host: user@a\r\n")],
    ["a Host with a space", get("Host: a b\r\n")],
    ["an empty Host", get("Host:\r\n")],
    ["a folded line", get("Host: a\r\nX-Folded: one\r\n two\r\n")],
    ["a folded line with a tab", get("Host: a\r\nX-Folded: one\r\n\ttwo\r\n")],
    ["a folded first line", get(" Host: a\r\nHost: b\r\n")],
    ["NUL in a value", get("Host: a\r\nX-Value: a\x00b\r\n")],
    ["a control character in a value", get("Host: a\r\nX-Value: a\x01b\r\n")],
    ["DEL in a value", get("Host: a\r\nX-Value: a\x7fb\r\n")],
    ["a bare CR in a value", get("Host: a\r\nX-Value: a\rb\r\n")],
    ["NUL in a name", get("Host: a\r\nX-Na\x00me: b\r\n")],
    ["a space before the colon", get("Host: a\r\nX-Name : b\r\n")],
    ["a space before Content-Length's colon", post("Content-Length : 5", "hello")],
    ["a tab before Transfer-Encoding's colon", post("Transfer-Encoding\t: chunked")],
    ["a name with a space", get("Host: a\r\nX Name: b\r\n")],
    ["an empty name", get("Host: a\r\n: b\r\n")],
    ["a line without a colon", get("Host: a\r\nnonsense\r\n")],
    ["bare LF after a field", "GET /refused HTTP/1.1\r\nHost: a\nX-Name: b\r\n\r\n"],
    ["bare LF after the request line", "GET /refused HTTP/1.1\nHost: a\r\n\r\n"],
    ["bare LF at the head's end", "GET /refused HTTP/1.1\r\nHost: a\r\n\n"],
    ["no version", "GET /refused\r\nHost: a\r\n\r\n"],
    ["an unknown version", "GET /refused HTTP/1.2\r\nHost: a\r\n\r\n"],
    ["HTTP/2 without its preface", "GET /refused HTTP/2.0\r\nHost: a\r\n\r\n"],
    ["another protocol", "GET /refused SIP/2.0\r\nHost: a\r\n\r\n"],
    ["a method in lower case", "get /refused HTTP/1.1\r\nHost: a\r\n\r\n"],
    ["a method with a space before it", " GET /refused HTTP/1.1\r\nHost: a\r\n\r\n"],
    ["a TLS greeting", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"],
  ])("%s", async (_what, bytes) => {
    await expectRefused(bytes, 400);
  });
});

test("an HTTP/1.0 request without Host is fine", async () => {
  const client = await RawClient.open(here.gateway.http);
  client.send("GET /old HTTP/1.0\r\n\r\n");
  expect((await client.readResponse()).status).toBe(200);
  client.socket.destroy();
});

test("a TRACE with content is refused", async () => {
  const request = "TRACE /refused HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello";
  await expectRefused(request, 400, "content-not-allowed");
});

test("a malformed request behind a good one is refused after that one's answer", async () => {
  const { status, body, rest } = await refusal(
    `GET /good HTTP/1.1\r\nHost: a\r\n\r\n${get("Host: a\r\nX-Name : b\r\n")}`,
  );
  expect(status).toBe(200);
  expect(body).toContain("GET /good HTTP/1.1");
  expect(rest).toMatch(/^HTTP\/1\.1 400 /);
  expect(rest).toContain('"code":"malformed-field"');
  expect(here.backend.requestsTo("/refused")).toEqual([]);
});

test("a client that goes on sending nonsense is refused once, after the answer it waits for", async () => {
  const turn = here.backend.turn("/patient");
  const client = await RawClient.open(here.gateway.http);
  client.send("GET /patient HTTP/1.1\r\nHost: a\r\n\r\n");
  const { connection, done } = await turn;
  // Each piece is told of by node's parser as an error of its own.
  for (let i = 0; i < 20; i++) {
    client.send("nonsense \x00\r\n\r\n");
    await exchange(here.gateway.http, "GET /meanwhile HTTP/1.1\r\nHost: a\r\n\r\n");
  }
  connection.reply("worth the wait", "Cache-Control: no-store\r\n");
  done();
  expect((await client.readResponse()).body).toBe("worth the wait");
  expect((await client.readResponse()).status).toBe(400);
  expect(await client.readToEnd()).toBe("");
  client.socket.destroy();
});

test("what comes behind a last request is ignored, and its answer is given", async () => {
  const { status, rest } = await refusal(`GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n\r\n${SMUGGLED}`);
  expect({ status, rest }).toEqual({ status: 200, rest: "" });
});

test("nothing of what stood behind a refusal was ever taken for a request", async () => {
  const { status } = await refusal("GET /fence HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  expect(status).toBe(200);
  expect(here.backend.requestsTo("/smuggled")).toEqual([]);
});
