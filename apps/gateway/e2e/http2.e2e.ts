import { once } from "node:events";
import { type ClientHttp2Session, constants } from "node:http2";
import { connect } from "node:tls";
import { askH2, connectH2, endOfH2 } from "./support/h2-client.ts";
import { fieldNames, fieldOf, fieldsOf } from "./support/raw-reader.ts";
import { stage } from "./support/stage.ts";

const here = stage({
  listeners: [{ port: 0, host: "127.0.0.1", tls: "self-signed" }],
  limits: { body: "1MiB", replay: "64KiB", head: "8KiB" },
});

let session: ClientHttp2Session;

beforeAll(async () => {
  session = await connectH2(here.gateway.https);
});

afterAll(() => session.destroy());

describe("a request", () => {
  test("reaches the backend in HTTP/1.1 without pseudo-fields", async () => {
    const { status, body } = await askH2(session, {
      ":path": "/get?q=1",
      ":authority": "shop.example",
      "x-one": "1",
      te: "trailers",
    });
    expect(status).toBe(200);
    expect(body).toMatch(/^GET \/get\?q=1 HTTP\/1\.1\r\n/);
    expect(fieldsOf(body, "host")).toEqual(["shop.example"]);
    expect(fieldOf(body, "x-one")).toBe("1");
    expect(fieldsOf(body, "te")).toEqual(["trailers"]);
    expect(fieldsOf(body, "via")).toEqual(["2.0 headgate"]);
    expect(fieldsOf(body, "x-forwarded-proto")).toEqual(["https"]);
    expect(fieldNames(body).filter((name) => name.startsWith(":") || name === "")).toEqual([]);
    expect(fieldOf(body, "transfer-encoding")).toBeUndefined();
    expect(fieldOf(body, "content-length")).toBeUndefined();
  });

  test.each(["POST", "PUT", "DELETE"])("by %s brings its content, with or without a length", async (method) => {
    const path = `/content-${method}`;
    const known = await askH2(session, { ":method": method, ":path": path, "content-length": "5" }, "hello");
    expect(fieldsOf(known.body, "content-length")).toEqual(["5"]);
    expect(known.body.endsWith("\r\n\r\nhello")).toBe(true);
    const unknown = await askH2(session, { ":method": method, ":path": path }, "hello");
    expect(unknown.body.endsWith("\r\n\r\nhello")).toBe(true);
    const large = "x".repeat(500_000);
    const streamed = await askH2(session, { ":method": method, ":path": path }, large);
    expect(streamed.body.endsWith(`\r\n\r\n${large}`)).toBe(true);
  });

  test("has its cookies joined in one field", async () => {
    const { body } = await askH2(session, { ":path": "/cookies", cookie: ["a=1", "b=2", "c=3"] });
    expect(fieldsOf(body, "cookie")).toEqual(["a=1; b=2; c=3"]);
  });

  test("many at once are all answered", async () => {
    const paths = Array.from({ length: 100 }, (_, i) => `/many-${i}`);
    const answers = await Promise.all(paths.map((path) => askH2(session, { ":path": path })));
    for (const [i, { body }] of answers.entries()) expect(body).toMatch(new RegExp(`^GET /many-${i} `));
  });
});

describe("an answer", () => {
  test("comes without fields of the backend's connection, and with every cookie", async () => {
    here.backend.at("/answer", (_head, connection) =>
      connection.reply(
        "hello",
        "Connection: keep-alive, X-Hop\r\nKeep-Alive: timeout=5\r\nProxy-Connection: x\r\nUpgrade: h2c\r\nX-Hop: 1\r\n" +
          "Set-Cookie: a=1\r\nSet-Cookie: b=2\r\nX-Kept: yes\r\nCache-Control: no-store\r\n",
      ),
    );
    const { status, headers, body } = await askH2(session, { ":path": "/answer" });
    expect({ status, body }).toEqual({ status: 200, body: "hello" });
    for (const name of ["connection", "keep-alive", "proxy-connection", "upgrade", "x-hop", "transfer-encoding"])
      expect(headers[name]).toBeUndefined();
    expect(headers["set-cookie"]).toEqual(["a=1", "b=2"]);
    expect(headers["x-kept"]).toBe("yes");
    expect(headers["content-length"]).toBe("5");
  });

  test("in chunks arrives piece by piece, with its trailers", async () => {
    const turn = here.backend.turn("/pieces");
    const stream = session.request({ ":path": "/pieces", te: "trailers" });
    const trailers = once(stream, "trailers");
    const { connection, done } = await turn;
    connection.send("HTTP/1.1 200 OK\r\nCache-Control: no-store\r\nTransfer-Encoding: chunked\r\n\r\n");
    await once(stream, "response");
    for (const piece of ["one", "two", "end"]) {
      connection.send(`3\r\n${piece}\r\n`);
      const [bytes] = (await once(stream, "data")) as [Buffer];
      expect(bytes.toString()).toBe(piece);
    }
    connection.send("0\r\nX-Sum: 42\r\n\r\n");
    expect((await trailers)[0]).toMatchObject({ "x-sum": "42" });
    expect(await endOfH2(stream)).toBe(constants.NGHTTP2_NO_ERROR);
    done();
  });

  test("to HEAD, 204 and 304 have no content", async () => {
    here.backend.at("/head", (_head, connection) => connection.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"));
    here.backend.at("/204", (_head, connection) => connection.send("HTTP/1.1 204 No Content\r\n\r\n"));
    here.backend.at("/304", (_head, connection) =>
      connection.send("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n"),
    );
    const head = await askH2(session, { ":method": "HEAD", ":path": "/head" });
    expect([head.status, head.headers["content-length"], head.body]).toEqual([200, "5", ""]);
    const none = await askH2(session, { ":path": "/204" });
    expect([none.status, none.body]).toEqual([204, ""]);
    const same = await askH2(session, { ":path": "/304", "if-none-match": '"v1"' });
    expect([same.status, same.body]).toEqual([304, ""]);
  });

  test("may be announced by early hints", async () => {
    here.backend.at("/hints", (_head, connection) => {
      connection.send("HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n");
      connection.reply("done", "Cache-Control: no-store\r\n");
    });
    const stream = session.request({ ":path": "/hints" });
    const [[hints], [final]] = await Promise.all([once(stream, "headers"), once(stream, "response")]);
    expect(hints).toMatchObject({ ":status": 103, link: "</a.css>; rel=preload" });
    expect(final).toMatchObject({ ":status": 200 });
    expect(await endOfH2(stream)).toBe(constants.NGHTTP2_NO_ERROR);
  });
});

test("HTTP/1.1 is spoken on the same port", async () => {
  const options = {
    port: here.gateway.https,
    host: "127.0.0.1",
    rejectUnauthorized: false,
    ALPNProtocols: ["http/1.1"],
  };
  const socket = connect(options, () => socket.write("GET /h1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
  let text = "";
  for await (const bytes of socket) text += bytes;
  expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  expect(text).toContain("GET /h1 HTTP/1.1\r\n");
});
