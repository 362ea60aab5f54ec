import { askH2, connectH2 } from "./support/h2-client.ts";
import { tells } from "./support/log.ts";
import { exchange, RawClient } from "./support/raw-client.ts";
import { fieldOf } from "./support/raw-reader.ts";
import { settled, stage } from "./support/stage.ts";
import { acceptUpgrade, UPGRADE } from "./support/web-socket.ts";

const KEY = "s3cr3t-key-of-the-team";

const here = stage({
  listeners: [
    { port: 0, host: "127.0.0.1" },
    { port: 0, host: "127.0.0.1", tls: "self-signed" },
  ],
  auth: { apiKeys: [{ name: "team", key: KEY }] },
  routes: [{ path: "/open", auth: "none" }, { path: "/" }],
  log: { level: "trace" },
});

/** Sends a request with field lines that carry the key. */
function ask(path: string, fields: string, start = `GET ${path} HTTP/1.1`, body = "") {
  return exchange(here.gateway.http, `${start}\r\nHost: a\r\n${fields}\r\n${body}`);
}

afterAll(async () => {
  // Whatever the tests of this file have done: neither of the two has ever seen it.
  expect(here.backend.requests.filter((head) => head.includes(KEY))).toEqual([]);
  await tells(here.gateway, '"identity":"team"');
  expect(here.gateway.log()).not.toContain(KEY);
});

test.each([
  ["in the usual field", `X-API-Key: ${KEY}\r\n`],
  ["in another case", `x-api-KEY: ${KEY}\r\n`],
  ["with space around it", `X-API-Key:  \t${KEY}\t \r\n`],
  ["listed in Connection", `Connection: X-API-Key\r\nX-API-Key: ${KEY}\r\n`],
])("the key %s opens the route, and the backend does not see it", async (_what, fields) => {
  const { status, body } = await ask("/keyed", fields);
  expect(status).toBe(200);
  expect(body).toMatch(/^GET \/keyed /);
  expect(body).not.toContain(KEY);
  expect(fieldOf(body, "x-api-key")).toBeUndefined();
});

test("a key is not passed on where none is asked for", async () => {
  const { status, body } = await ask("/open", `X-API-Key: ${KEY}\r\n`);
  expect(status).toBe(200);
  expect(fieldOf(body, "x-api-key")).toBeUndefined();
});

test("a key that comes twice is passed on in neither place", async () => {
  const { body } = await ask("/keyed", `X-API-Key: ${KEY}\r\nX-API-Key: other-${KEY}\r\n`);
  expect(body).not.toContain(KEY);
});

test("a key with an upload, a WebSocket or over HTTP/2 is not passed on", async () => {
  const chunks = `5\r\nhello\r\n0\r\nX-API-Key: ${KEY}\r\n\r\n`;
  const upload = await ask("/", `X-API-Key: ${KEY}\r\nTransfer-Encoding: chunked\r\n`, "POST /keyed HTTP/1.1", chunks);
  expect(upload.status).toBe(200);
  expect(upload.body).not.toContain(KEY);

  const turn = here.backend.turn("/socket");
  const client = await RawClient.open(here.gateway.http);
  client.send(`GET /socket HTTP/1.1\r\nHost: a\r\nX-API-Key: ${KEY}\r\n${UPGRADE}\r\n`);
  const { head, connection } = await turn;
  expect(head).not.toContain(KEY);
  connection.send(acceptUpgrade(head));
  expect(await client.readHead()).toMatch(/^HTTP\/1\.1 101 /);
  client.socket.resetAndDestroy();
  await settled(here.gateway);

  const session = await connectH2(here.gateway.https);
  const { status, body } = await askH2(session, { ":path": "/keyed", "x-api-key": KEY });
  expect(status).toBe(200);
  expect(body).not.toContain(KEY);
  session.destroy();
});

test("refusals, failures and broken requests say nothing of the key", async () => {
  const wrong = await ask("/keyed", `X-API-Key: ${KEY}x\r\n`);
  expect(wrong.status).toBe(401);
  expect(wrong.body + wrong.head).not.toContain(KEY);
  const malformed = await ask("/keyed", `X-API-Key: ${KEY}\r\nX-Bad : 1\r\n`);
  expect(malformed.status).toBe(400);
  expect(malformed.body + malformed.head).not.toContain(KEY);
  here.backend.at("/dead", (_head, connection) => {
    connection.socket.destroy();
  });
  const failed = await ask("/dead", `X-API-Key: ${KEY}\r\nContent-Length: 0\r\n`, "POST /dead HTTP/1.1");
  expect(failed.status).toBe(502);
  expect(failed.body + failed.head).not.toContain(KEY);
});
