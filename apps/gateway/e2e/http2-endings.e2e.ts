import { once } from "node:events";
import { type ClientHttp2Session, constants } from "node:http2";
import { askH2, connectH2, endOfH2 } from "./support/h2-client.ts";

import { accessLine, active, settled, stage } from "./support/stage.ts";

const here = stage({
  listeners: [{ port: 0, host: "127.0.0.1", tls: "self-signed" }],
  limits: { body: "1MiB", replay: "64KiB", head: "8KiB" },
});

let session: ClientHttp2Session;

beforeAll(async () => {
  session = await connectH2(here.gateway.https);
});

afterAll(() => session.destroy());

describe("a backend that breaks off", () => {
  test.each([
    ["a body of known length", "Content-Length: 9\r\n\r\none"],
    ["a chunked body", "Transfer-Encoding: chunked\r\n\r\n3\r\none\r\n"],
  ])("%s resets the stream, and never ends it as a whole", async (what, rest) => {
    for (const control of ["no-store", "max-age=60"]) {
      const path = `/broken-${what.replaceAll(" ", "-")}-${control}`;
      const turn = here.backend.turn(path);
      const stream = session.request({ ":path": path });
      let ended = false;
      stream.on("end", () => (ended = true));
      const { connection } = await turn;
      connection.send(`HTTP/1.1 200 OK\r\nCache-Control: ${control}\r\n${rest}`);
      await once(stream, "response");
      const [bytes] = (await once(stream, "data")) as [Buffer];
      expect(bytes.toString()).toBe("one");
      connection.socket.destroy();
      expect(await endOfH2(stream)).toBe(constants.NGHTTP2_INTERNAL_ERROR);
      expect(ended).toBe(false);
      expect(await accessLine(here.gateway, path)).toMatchObject({ outcome: "broken-off" });
    }
    expect(session.destroyed).toBe(false);
  });

  test("before its head is a 502", async () => {
    here.backend.at("/dead", (_head, connection) => {
      connection.socket.destroy();
    });
    const { status } = await askH2(session, { ":method": "POST", ":path": "/dead" }, "hello");
    expect(status).toBe(502);
  });
});

describe("a client that cancels its stream", () => {
  test.each(["before the head", "during the body"])(
    "%s frees the backend, and the connection lives on",
    async (when) => {
      const path = `/cancel-${when.replaceAll(" ", "-")}`;
      const turn = here.backend.turn(path);
      const stream = session.request({ ":path": path });
      stream.on("error", () => undefined);
      const { connection } = await turn;
      expect(await active(here.gateway)).toEqual([1]);
      if (when === "during the body") {
        connection.send("HTTP/1.1 200 OK\r\nCache-Control: no-store\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n");
        await once(stream, "data");
      }
      stream.close(constants.NGHTTP2_CANCEL);
      expect(await connection.readToEnd()).toBe("");
      await settled(here.gateway);
      expect(await accessLine(here.gateway, path)).toMatchObject({ outcome: "client-gone" });
      expect((await askH2(session, { ":path": "/next" })).status).toBe(200);
    },
  );

  test("during its upload frees the backend, which gets no end of it", async () => {
    const turn = here.backend.turn("/cancel-upload");
    const stream = session.request({ ":method": "POST", ":path": "/cancel-upload" });
    stream.on("error", () => undefined);
    stream.write("hello");
    const { connection } = await turn;
    await connection.readUntil("hello");
    // `close` would end the upload before it resets the stream.
    stream.destroy(new Error("the client gives up"));
    expect(await connection.readToEnd()).not.toContain("0\r\n\r\n");
    await settled(here.gateway);
  });

  test("with all the others of its connection, by closing it, frees every backend", async () => {
    const other = await connectH2(here.gateway.https);
    const turns = ["/left-1", "/left-2", "/left-3"].map((path) => {
      other.request({ ":path": path }).on("error", () => undefined);
      return here.backend.turn(path);
    });
    const connections = await Promise.all(turns);
    other.destroy();
    for (const { connection } of connections) expect(await connection.readToEnd()).toBe("");
    await settled(here.gateway);
  });
});

describe("is refused", () => {
  test.each([
    [
      "a body over the limit, by its length",
      413,
      { ":method": "POST", "content-length": "1048577" },
      "x".repeat(1_048_577),
    ],
    ["a body over the limit", 413, { ":method": "POST" }, "x".repeat(1_048_577)],
    ["a bad target", 400, { ":path": "/a#b" }, undefined],
    ["a head over the limit", 431, { "x-large": "x".repeat(9000) }, undefined],
    ["another expectation", 417, { ":method": "POST", expect: "200-ok" }, "hello"],
  ])("%s with %d", async (_what, status, headers, body) => {
    const before = here.backend.requests.length;
    const other = await connectH2(here.gateway.https);
    const response = await askH2(other, { ":path": "/refused", ...headers }, body);
    expect(response.status).toBe(status);
    expect(response.headers["content-type"]).toBe("application/problem+json");
    expect(JSON.parse(response.body)).toMatchObject({ status });
    // A stream ends alone: the connection serves on.
    expect((await askH2(other, { ":path": "/next" })).status).toBe(200);
    expect(here.backend.requests.slice(before).filter((head) => head.includes("/refused"))).toHaveLength(
      status === 413 && !("content-length" in headers) ? 1 : 0,
    );
    other.destroy();
  });

  test("CONNECT with 405", async () => {
    const stream = session.request({ ":method": "CONNECT", ":authority": "shop.example:443" });
    const [headers] = (await once(stream, "response")) as [{ ":status": number; allow?: string }];
    expect(headers[":status"]).toBe(405);
    expect(headers.allow).toContain("GET");
    stream.destroy();
  });
});
