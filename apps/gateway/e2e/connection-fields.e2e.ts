import { exchange } from "./support/raw-client.ts";
import { fieldNames, fieldOf, fieldsOf } from "./support/raw-reader.ts";
import { stage } from "./support/stage.ts";

const here = stage();

/** The head that the backend got for a request with these field lines. */
async function sent(path: string, fields: string, start = `GET ${path}`): Promise<string> {
  const { body } = await exchange(here.gateway.http, `${start} HTTP/1.1\r\nHost: shop.example\r\n${fields}\r\n`);
  return body;
}

const HOP_BY_HOP = [
  "Connection: keep-alive",
  "Keep-Alive: timeout=5, max=100",
  "Proxy-Connection: keep-alive",
  "Proxy-Authorization: Basic c2VjcmV0",
  "TE: gzip",
  "Trailer: X-Sum",
  "Upgrade: h2c",
];

test.each(HOP_BY_HOP)("%s of a client ends at the gateway", async (line) => {
  const head = await sent("/hop", `${line}\r\nX-Kept: yes\r\n`);
  const name = line.slice(0, line.indexOf(":")).toLowerCase();
  // Towards the backend the gateway speaks for its own connection.
  if (name === "connection") expect(fieldsOf(head, name)).toEqual(["keep-alive"]);
  else expect(fieldNames(head)).not.toContain(name);
  expect(fieldOf(head, "x-kept")).toBe("yes");
});

test("TE: trailers alone of all transfer codings is passed on", async () => {
  const head = await sent("/te", "TE: trailers, deflate;q=0.5\r\nConnection: TE\r\n");
  expect(fieldsOf(head, "te")).toEqual(["trailers"]);
});

test("fields that a client's Connection lists end at the gateway, however it writes the list", async () => {
  const fields = "X-One: 1\r\nX-Two: 2\r\nX-Three: 3\r\nX-Four: 4\r\n";
  const head = await sent("/listed", `Connection: close, x-ONE ,,\tX-Two\r\nconnection: X-Three\r\n${fields}`);
  expect(fieldNames(head)).not.toEqual(expect.arrayContaining(["x-one"]));
  for (const name of ["x-one", "x-two", "x-three"]) expect(fieldOf(head, name)).toBeUndefined();
  expect(fieldOf(head, "x-four")).toBe("4");
});

test.each([
  ["Authorization", "Bearer t0ken"],
  ["Cookie", "session=1"],
  ["Origin", "https://shop.example"],
  ["Content-Type", "text/plain"],
  ["Cache-Control", "no-cache"],
  ["If-None-Match", '"v1"'],
  ["Range", "bytes=0-3"],
])("%s goes on although the client's Connection lists it", async (name, value) => {
  const head = await sent("/protected", `Connection: ${name}\r\n${name}: ${value}\r\n`);
  expect(fieldsOf(head, name.toLowerCase())).toEqual([value]);
});

test("Host, framing and what the gateway tells of the client stay although the client's Connection lists them", async () => {
  const listed =
    "host, content-length, transfer-encoding, x-forwarded-for, x-forwarded-proto, x-forwarded-host, x-forwarded-port, " +
    "forwarded, via, x-request-id, traceparent";
  const fields = `Connection: ${listed}\r\nContent-Length: 5\r\n`;
  const { body } = await exchange(
    here.gateway.http,
    `POST /listed-own HTTP/1.1\r\nHost: shop.example\r\n${fields}\r\nhello`,
  );
  expect(fieldsOf(body, "host")).toEqual(["shop.example"]);
  expect(fieldsOf(body, "content-length")).toEqual(["5"]);
  expect(fieldsOf(body, "x-forwarded-for")).toEqual(["127.0.0.1"]);
  for (const name of [
    "x-forwarded-proto",
    "x-forwarded-host",
    "x-forwarded-port",
    "forwarded",
    "via",
    "x-request-id",
    "traceparent",
  ])
    expect(fieldsOf(body, name)).toHaveLength(1);
  expect(body.endsWith("\r\n\r\nhello")).toBe(true);
});

test("a chunked body stays framed although the client's Connection lists Transfer-Encoding", async () => {
  const fields = "Connection: transfer-encoding, close\r\nTransfer-Encoding: chunked\r\n";
  const request = `POST /listed-te HTTP/1.1\r\nHost: a\r\n${fields}\r\n5\r\nhello\r\n0\r\n\r\n`;
  const { body } = await exchange(here.gateway.http, request);
  // What is here as a whole before it goes on has its length told.
  const framing = [...fieldsOf(body, "transfer-encoding"), ...fieldsOf(body, "content-length")];
  expect([["chunked"], ["5"]]).toContainEqual(framing);
  expect(body.endsWith("\r\n\r\nhello")).toBe(true);
});

test("fields of a backend's connection end at the gateway, and those that its Connection lists, but for protected ones", async () => {
  here.backend.at("/answer", (_head, connection) =>
    connection.reply(
      "hello",
      [
        "Connection: keep-alive, X-Internal, Set-Cookie, Content-Type, ETag, Vary, Cache-Control, Content-Length",
        "Keep-Alive: timeout=5",
        "Proxy-Connection: keep-alive",
        "Proxy-Authenticate: Basic",
        "Upgrade: h2c",
        "X-Internal: 10.0.0.7",
        "X-Kept: yes",
        "Set-Cookie: a=1",
        "Set-Cookie: b=2",
        "Content-Type: text/plain",
        'ETag: "v1"',
        "Vary: Origin",
        "Cache-Control: no-store",
        "",
      ].join("\r\n"),
    ),
  );
  const { head, body } = await exchange(here.gateway.http, "GET /answer HTTP/1.1\r\nHost: a\r\n\r\n");
  expect(body).toBe("hello");
  expect(fieldsOf(head, "connection")).toEqual(["keep-alive"]);
  expect(fieldsOf(head, "keep-alive")).toEqual(["timeout=75"]);
  for (const name of ["proxy-connection", "proxy-authenticate", "upgrade", "x-internal"])
    expect(fieldOf(head, name)).toBeUndefined();
  expect(fieldsOf(head, "set-cookie")).toEqual(["a=1", "b=2"]);
  expect(fieldsOf(head, "content-type")).toEqual(["text/plain"]);
  expect(fieldsOf(head, "etag")).toEqual(['"v1"']);
  expect(fieldOf(head, "vary")).toContain("Origin");
  expect(fieldsOf(head, "cache-control")).toEqual(["no-store"]);
  expect(fieldsOf(head, "content-length")).toEqual(["5"]);
  expect(fieldOf(head, "x-kept")).toBe("yes");
});

test("Connection: close of a backend does not end the client's connection", async () => {
  here.backend.at("/closing", (_head, connection) => {
    connection.reply("bye", "Connection: close\r\n");
    connection.socket.end();
  });
  const { head, body } = await exchange(here.gateway.http, "GET /closing HTTP/1.1\r\nHost: a\r\n\r\n");
  expect(body).toBe("bye");
  expect(fieldsOf(head, "connection")).toEqual(["keep-alive"]);
});

test("values of fields pass byte by byte, and repeated fields stay apart and in order", async () => {
  const head = await sent(
    "/values",
    "X-Latin: caf\xe9 \xff\r\nX-Twice: b\r\nX-Twice: a\r\nX-Empty:\r\nx-lower: 1\r\nX-UPPER: 2\r\n",
  );
  expect(fieldsOf(head, "x-latin")).toEqual(["caf\xe9 \xff"]);
  expect(fieldsOf(head, "x-twice")).toEqual(["b", "a"]);
  expect(fieldsOf(head, "x-empty")).toEqual([""]);
  expect(head).toContain("\r\nx-lower: 1\r\nX-UPPER: 2\r\n");
});
