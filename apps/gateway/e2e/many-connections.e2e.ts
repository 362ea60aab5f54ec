import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { type RunningGateway, startGateway, testConfig } from "./support/gateway.ts";
import { eventually } from "./support/raw-client.ts";
import { RawReader } from "./support/raw-reader.ts";
import { SampleBackend } from "./support/sample-backend.ts";
import { settled } from "./support/stage.ts";
import { frame, readFrame, TEXT, UPGRADE } from "./support/web-socket.ts";

const KIB = 1024;
const STREAMS = 1000;
const IDLE = 5000;

let sample: SampleBackend;
let gateway: RunningGateway;

beforeAll(async () => {
  sample = await SampleBackend.start();
  gateway = await startGateway(testConfig([sample.port]));
  // What compiled code and kept buffers take is where growth begins.
  await withClients(200, get, async () => undefined);
});

afterAll(async () => {
  await settled(gateway);
  await gateway.stop();
  await sample.kill();
});

async function open(): Promise<RawReader> {
  const socket = connect(gateway.http, "127.0.0.1");
  const reader = new RawReader(socket);
  await once(socket, "connect");
  return reader;
}

async function get(reader: RawReader): Promise<void> {
  reader.send("GET /?size=100 HTTP/1.1\r\nHost: a\r\n\r\n");
  await reader.readContent(await reader.readHead());
}

/** Opens `count` clients, has each begin, and closes all of them when `then` is done. */
async function withClients<T>(
  count: number,
  begin: (reader: RawReader) => Promise<void>,
  then: (readers: readonly RawReader[]) => Promise<T>,
): Promise<T> {
  const sockets: Socket[] = [];
  try {
    const readers: RawReader[] = [];
    // A hundred at a time: a burst of thousands would measure the backlog.
    while (readers.length < count) {
      const batch = await Promise.all(Array.from({ length: Math.min(100, count - readers.length) }, open));
      sockets.push(...batch.map(({ socket }) => socket));
      await Promise.all(batch.map(begin));
      readers.push(...batch);
    }
    return await then(readers);
  } finally {
    for (const socket of sockets) socket.destroy();
  }
}

/** Bytes of resident memory that each of `count` clients takes once they have begun. */
async function memoryPerClient(
  count: number,
  begin: (reader: RawReader) => Promise<void>,
  then: (readers: readonly RawReader[]) => Promise<unknown> = async () => undefined,
): Promise<number> {
  const before = gateway.memory();
  return withClients(count, begin, async (readers) => {
    const taken = gateway.memory() - before;
    await then(readers);
    return taken / count;
  });
}

async function connections(): Promise<number> {
  const metrics = await (await fetch(`${gateway.admin}/metrics`)).text();
  return Number(/^headgate_connections_active (\d+)$/m.exec(metrics)?.[1]);
}

test(`${IDLE} idle connections cost little memory each, are still served, and are gone when their clients are`, async () => {
  const each = await memoryPerClient(IDLE, get, async (readers) => {
    expect(await connections()).toBe(IDLE);
    const some = readers.filter((_reader, index) => index % 50 === 0);
    await Promise.all(some.map(get));
  });
  expect(each).toBeLessThan(32 * KIB);
  await eventually(async () => (await connections()) === 0, "no connection left");
}, 120_000);

test(`${STREAMS} event streams run side by side`, async () => {
  const begin = async (reader: RawReader): Promise<void> => {
    reader.send("GET /events HTTP/1.1\r\nHost: a\r\nAccept: text/event-stream\r\n\r\n");
    await reader.readHead();
    await reader.readUntil("\n\n");
  };
  const each = await memoryPerClient(STREAMS, begin, (readers) =>
    Promise.all(readers.map((reader) => reader.readUntil("\n\n"))),
  );
  expect(each).toBeLessThan(192 * KIB);
  await settled(gateway);
}, 120_000);

test(`${STREAMS} WebSockets run side by side, each with its own messages`, async () => {
  const begin = async (reader: RawReader): Promise<void> => {
    reader.send(`GET /ws HTTP/1.1\r\nHost: a\r\n${UPGRADE}\r\n`);
    expect(await reader.readHead()).toMatch(/^HTTP\/1.1 101 /);
  };
  const echo = async (reader: RawReader, index: number): Promise<void> => {
    reader.send(frame(TEXT, Buffer.from(`message ${index}`), "client"));
    expect((await readFrame(reader)).content.toString()).toBe(`message ${index}`);
  };
  const each = await memoryPerClient(STREAMS, begin, (readers) => Promise.all(readers.map(echo)));
  expect(each).toBeLessThan(192 * KIB);
  await settled(gateway);
}, 120_000);
