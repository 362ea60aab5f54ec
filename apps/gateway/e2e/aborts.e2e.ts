import { seededRandom } from "@headgate/testing";
import { connectH2 } from "./support/h2-client.ts";
import { RawClient } from "./support/raw-client.ts";
import type { Answer } from "./support/routed-backend.ts";
import { settled, stage, troubles } from "./support/stage.ts";
import { acceptUpgrade, UPGRADE } from "./support/web-socket.ts";

const here = stage({
  listeners: [
    { port: 0, host: "127.0.0.1" },
    { port: 0, host: "127.0.0.1", tls: "self-signed" },
  ],
  limits: { replay: "4KiB" },
});

const SEED = 20_261_122;
const random = seededRandom(SEED);
const below = (limit: number): number => Math.floor(random() * limit);
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Sends its answer in pieces with pauses, and sometimes breaks it off itself. */
const slowly: Answer = async (head, connection) => {
  const breaksAt = below(12);
  if (breaksAt === 0) connection.socket.destroy();
  const control = head.includes("/stored") ? "max-age=1" : "no-store";
  await connection.readContent(head);
  await pause(below(5));
  connection.send(
    `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nCache-Control: ${control}\r\nTransfer-Encoding: chunked\r\n\r\n`,
  );
  for (let piece = 1; piece <= 8; piece++) {
    if (piece === breaksAt) connection.socket.resetAndDestroy();
    const size = 1 + below(20_000);
    connection.send(`${size.toString(16)}\r\n${"x".repeat(size)}\r\n`);
    await pause(below(4));
  }
  connection.send("0\r\n\r\n");
};

const CHUNK = `1000\r\n${"x".repeat(4096)}\r\n`;

/** Requests of every kind, each to be cut off somewhere. */
const KINDS: readonly ((client: RawClient) => Promise<void>)[] = [
  async (client) => client.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n"),
  async (client) => client.send("GET /slow HTTP/1.0\r\n\r\n"),
  async (client) => client.send("GET /slow/coded HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n"),
  async (client) => client.send(`GET /slow/stored-${below(5)} HTTP/1.1\r\nHost: a\r\n\r\n`),
  async (client) => client.send(`GET /slow/stored-${below(5)} HTTP/1.1\r\nHost: a\r\nAccept-Encoding: br\r\n\r\n`),
  async (client) => client.send("HEAD /slow HTTP/1.1\r\nHost: a\r\n\r\nGET /slow HTTP/1.1\r\nHost: a\r\n\r\n"),
  async (client) => client.send("POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nhello"),
  async (client) => {
    client.send("POST /slow HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (let i = 0; i < 10 && !client.closed; i++) {
      client.send(CHUNK);
      await pause(below(5));
    }
    client.send("0\r\n\r\n");
  },
  async (client) => {
    client.send("POST /slow HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 100000\r\n\r\n");
    await pause(below(5));
    client.send("x".repeat(50_000));
  },
  async (client) => client.send(`GET /socket HTTP/1.1\r\nHost: a\r\n${UPGRADE}\r\n`),
  async (client) => client.send("GET /slow HTTP/1.1\r\nHo"),
];

/** Starts a request of some kind, and leaves after some time in some way. */
async function abortOverHttp1(): Promise<void> {
  const client = await RawClient.open(here.gateway.http);
  const [kind, left, way, slow] = [below(KINDS.length), below(40), below(3), below(4) === 0];
  if (slow) client.socket.pause();
  const sent = KINDS[kind]?.(client);
  await pause(left);
  if (way === 0) client.socket.destroy();
  else if (way === 1) client.socket.resetAndDestroy();
  else client.socket.end(() => client.socket.destroy());
  await sent;
}

/** The same for several streams of one HTTP/2 connection, of which each leaves by itself or with the connection. */
async function abortOverHttp2(): Promise<void> {
  const session = await connectH2(here.gateway.https);
  const streams = Array.from({ length: 5 }, () => {
    const upload = below(2) === 0;
    const stream = session.request({ ":path": "/slow", ":method": upload ? "POST" : "GET" }, { endStream: !upload });
    stream.on("error", () => undefined);
    if (below(4) > 0) stream.resume();
    if (upload) stream.write("x".repeat(below(100_000)));
    return stream;
  });
  for (const stream of streams) {
    await pause(below(10));
    if (below(5) > 0) stream.destroy(below(2) === 0 ? undefined : new Error("the client gives up"));
  }
  session.destroy();
}

async function abortMany(count: number): Promise<void> {
  for (let done = 0; done < count; done += 50) {
    await Promise.all(Array.from({ length: 40 }, abortOverHttp1));
    await Promise.all(Array.from({ length: 2 }, abortOverHttp2));
  }
  await settled(here.gateway);
}

test("five hundred clients that leave at any time, in any way, leave nothing behind", async () => {
  for (const path of ["/slow", "/slow/coded", ...[0, 1, 2, 3, 4].map((i) => `/slow/stored-${i}`)])
    here.backend.at(path, slowly);
  here.backend.at("/socket", async (head, connection) => {
    connection.send(acceptUpgrade(head));
    await connection.readToEnd();
    connection.socket.destroy();
  });
  await abortMany(200);
  const before = here.gateway.memory();
  await abortMany(500);
  expect(here.gateway.memory() - before).toBeLessThan(64 * 2 ** 20);
  expect(troubles(here.gateway)).toEqual([]);
  const client = await RawClient.open(here.gateway.http);
  client.send("GET /after HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  expect((await client.readResponse()).status).toBe(200);
  expect(await client.readToEnd()).toBe("");
}, 60_000);
