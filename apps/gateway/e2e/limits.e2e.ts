import { eventually, exchange, RawClient } from "./support/raw-client.ts";
import { fieldOf } from "./support/raw-reader.ts";
import { accessLine, stage } from "./support/stage.ts";

const here = stage({
  limits: { head: "4KiB", body: "256KiB", replay: "64KiB" },
  timeouts: { clientHeader: 250, body: 250, clientIdle: 400 },
});

/** Reads a problem and expects the connection to end behind it. */
async function expectProblem(client: RawClient, status: number, code: string): Promise<void> {
  const response = await client.readResponse();
  expect(response.status).toBe(status);
  expect(fieldOf(response.head, "connection")).toBe("close");
  expect(fieldOf(response.head, "content-type")).toBe("application/problem+json");
  expect(JSON.parse(response.body)).toMatchObject({ status, code });
  expect(await client.readToEnd()).toBe("");
  client.socket.destroy();
}

async function open(bytes: string): Promise<RawClient> {
  const client = await RawClient.open(here.gateway.http);
  client.send(bytes);
  return client;
}

describe("a head over the limit is refused with 431", () => {
  test.each([
    ["one large field", `X-Large: ${"x".repeat(5000)}\r\n`],
    ["many small fields", "X-Small: 12345678\r\n".repeat(400)],
    ["a large name", `${"X".repeat(5000)}: 1\r\n`],
  ])("%s", async (_what, fields) => {
    const client = await open(`GET /large-head HTTP/1.1\r\nHost: a\r\n${fields}\r\n`);
    await expectProblem(client, 431, "fields-too-large");
    expect(here.backend.requestsTo("/large-head")).toEqual([]);
  });

  test("before it has come whole", async () => {
    const client = await open(`GET /large-head HTTP/1.1\r\nHost: a\r\nX-Large: ${"x".repeat(5000)}`);
    await expectProblem(client, 431, "fields-too-large");
  });

  test("and one within it is passed on", async () => {
    const value = "x".repeat(3800);
    const { status, body } = await exchange(
      here.gateway.http,
      `GET /fits HTTP/1.1\r\nHost: a\r\nX-Large: ${value}\r\n\r\n`,
    );
    expect(status).toBe(200);
    expect(fieldOf(body, "x-large")).toBe(value);
  });
});

describe("a head that does not come in time is refused with 408", () => {
  test.each([
    ["no byte of it", ""],
    ["half a request line", "GET /slow"],
    ["half a head", "GET /slow HTTP/1.1\r\nHost: a\r\nX-"],
  ])("%s", async (_what, part) => {
    await expectProblem(await open(part), 408, "request-timeout");
  });

  test("also where it comes byte by byte", async () => {
    const client = await open("GET /dripping HTTP/1.1\r\nHost: a\r\n");
    const drip = setInterval(() => client.send("X-Drip: 1\r\n"), 20);
    await expectProblem(client, 408, "request-timeout").finally(() => clearInterval(drip));
    expect(here.backend.requestsTo("/dripping")).toEqual([]);
  });

  test("also as a second request, while an idle connection is only closed", async () => {
    const busy = await open("GET /first HTTP/1.1\r\nHost: a\r\n\r\n");
    expect((await busy.readResponse()).status).toBe(200);
    busy.send("GET /second");
    await expectProblem(busy, 408, "request-timeout");
    const idle = await open("GET /first HTTP/1.1\r\nHost: a\r\n\r\n");
    expect((await idle.readResponse()).status).toBe(200);
    expect(await idle.readToEnd()).toBe("");
    idle.socket.destroy();
  });
});

describe("a body that stops coming is refused with 408", () => {
  test("and no backend is bothered where it was to be small", async () => {
    const client = await open("POST /stalled HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello");
    await expectProblem(client, 408, "request-timeout");
    expect(await accessLine(here.gateway, "/stalled")).toMatchObject({ status: 408, attempts: 0, requestBytes: 5 });
    expect(here.backend.requestsTo("/stalled")).toEqual([]);
  });

  test("and the backend never gets its end where it was streamed", async () => {
    const turn = here.backend.turn("/stalled-stream");
    const client = await open(
      "POST /stalled-stream HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
    );
    const { connection } = await turn;
    await expectProblem(client, 408, "request-timeout");
    expect(await connection.readToEnd()).not.toContain("0\r\n\r\n");
  });

  test("but not while it comes slowly", async () => {
    const client = await open("POST /dripped HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n");
    for (let i = 0; i < 10; i++) {
      await new Promise((resolve) => setTimeout(resolve, 60));
      client.send(String(i));
    }
    const { status, body } = await client.readResponse();
    expect(status).toBe(200);
    expect(body.endsWith("\r\n\r\n0123456789")).toBe(true);
    client.socket.destroy();
  });
});

describe("a body over the limit is refused with 413", () => {
  test("by its length, before any of it is read", async () => {
    const client = await open("POST /large-length HTTP/1.1\r\nHost: a\r\nContent-Length: 262145\r\n\r\n");
    const { status, body } = await client.readResponse();
    expect(status).toBe(413);
    expect(JSON.parse(body)).toMatchObject({ code: "content-too-large" });
    expect(here.backend.requestsTo("/large-length")).toEqual([]);
    client.socket.destroy();
  });

  test("by its length, and the client that sends it all the same gets to read why", async () => {
    const size = 4 * 2 ** 20;
    const client = await open(
      `POST /large-sent HTTP/1.1\r\nHost: a\r\nContent-Length: ${size}\r\n\r\n${"x".repeat(size)}`,
    );
    expect((await client.readResponse()).status).toBe(413);
    client.socket.destroy();
  });

  test("by its chunks, and the backend never gets the end", async () => {
    const turn = here.backend.turn("/large-chunks");
    const client = await open("POST /large-chunks HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    const chunk = `10000\r\n${"x".repeat(0x10000)}\r\n`;
    client.send(chunk);
    const { connection } = await turn;
    client.send(chunk.repeat(40));
    const { status, body } = await client.readResponse();
    expect(status).toBe(413);
    expect(JSON.parse(body)).toMatchObject({ code: "content-too-large" });
    expect(await connection.readToEnd()).not.toContain("\r\n0\r\n\r\n");
    client.socket.destroy();
  });

  test("and one of exactly the limit is passed on", async () => {
    const big = "x".repeat(256 * 1024);
    const sized = await exchange(
      here.gateway.http,
      `POST /fits HTTP/1.1\r\nHost: a\r\nContent-Length: ${big.length}\r\n\r\n${big}`,
    );
    expect(sized.body.endsWith(`\r\n\r\n${big}`)).toBe(true);
    const chunks = `40000\r\n${big}\r\n0\r\n\r\n`;
    const chunked = await exchange(
      here.gateway.http,
      `POST /fits HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}`,
    );
    expect(chunked.body.endsWith(`\r\n\r\n${big}`)).toBe(true);
  });
});

test("a client that takes nothing of its answer is let go, and the backend with it", async () => {
  const client = await RawClient.open(here.gateway.http);
  client.socket.pause();
  const turn = here.backend.turn("/untaken");
  client.send("GET /untaken HTTP/1.1\r\nHost: a\r\n\r\n");
  const { connection } = await turn;
  connection.send(`HTTP/1.1 200 OK\r\nCache-Control: no-store\r\nContent-Length: ${2 ** 30}\r\n\r\n`);
  const block = Buffer.alloc(2 ** 20);
  const write = (): void => {
    while (!connection.closed && connection.socket.write(block));
  };
  connection.socket.on("drain", write);
  write();
  await eventually(() => connection.closed, "the backend's connection is closed");
  expect(await accessLine(here.gateway, "/untaken")).toMatchObject({ outcome: "client-gone" });
  client.socket.destroy();
});
