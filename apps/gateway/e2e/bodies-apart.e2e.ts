import { once } from "node:events";
import { get, type IncomingMessage, type ServerResponse } from "node:http";
import { connect } from "node:http2";
import { get as getByTls } from "node:https";
import type { Readable } from "node:stream";
import { type RunningGateway, startGateway, testConfig } from "./support/gateway.ts";
import { MarkedReader, markedBytes } from "./support/marked-bytes.ts";
import { type PlainBackend, startPlainBackend } from "./support/plain-backend.ts";

/** Bytes of a body: several of the largest pieces that are read at once. */
const SIZE = 6 * 2 ** 20;
/** For a slow client: more than the system holds for it, so that the gateway has to. */
const SLOW_SIZE = 16 * 2 ** 20;
const PIECE = 200_000;

let backend: PlainBackend;
let gateway: RunningGateway;

async function send(response: ServerResponse, id: number, size: number): Promise<void> {
  for (let from = 0; from < size; from += PIECE) {
    if (!response.write(markedBytes(id, from, Math.min(PIECE, size - from)))) await once(response, "drain");
  }
  response.end();
}

beforeAll(async () => {
  backend = await startPlainBackend(async ({ url }, response) => {
    const { searchParams, pathname } = new URL(url, "http://a");
    const [id, size] = [Number(searchParams.get("id")), Number(searchParams.get("size"))];
    response.setHeader("Content-Type", pathname === "/text" ? "text/plain" : "application/octet-stream");
    response.setHeader("Cache-Control", pathname === "/kept" ? "max-age=60" : "no-store");
    if (searchParams.has("length")) response.setHeader("Content-Length", size);
    await send(response, id, size);
  });
  gateway = await startGateway(
    testConfig([backend.port], {
      listeners: [
        { port: 0, host: "127.0.0.1" },
        { port: 0, host: "127.0.0.1", tls: "self-signed" },
      ],
    }),
  );
});

afterAll(async () => {
  await gateway.stop();
  await backend.close();
});

/** How a body is read. */
interface Reading {
  readonly id: number;
  readonly size: number;
  /** With a rest after each half of a megabyte. */
  readonly slow: boolean;
}

/** Reads a body; tells where it first differs from what was sent, null where it does not. */
async function read(stream: Readable, { id, size, slow }: Reading): Promise<string | null> {
  const reader = new MarkedReader(id);
  let burst = 0;
  stream.on("data", (chunk: Buffer) => {
    reader.take(chunk);
    burst += chunk.length;
    if (!slow || burst < 2 ** 19) return;
    burst = 0;
    stream.pause();
    setTimeout(() => stream.resume(), 5);
  });
  await once(stream, "end");
  return reader.difference(size);
}

const answerTo = async (request: ReturnType<typeof get>): Promise<IncomingMessage> =>
  (await once(request, "response"))[0] as IncomingMessage;

const ways: Record<string, (path: string, reading: Reading) => Promise<string | null>> = {
  http: async (path, reading) => read(await answerTo(get({ port: gateway.http, host: "127.0.0.1", path })), reading),
  https: async (path, reading) => {
    const options = { port: gateway.https, host: "127.0.0.1", path, rejectUnauthorized: false };
    return read(await answerTo(getByTls(options)), reading);
  },
  http2: async (path, reading) => {
    const session = connect(`https://127.0.0.1:${gateway.https}`, { rejectUnauthorized: false });
    const difference = await read(session.request({ ":path": path }), reading);
    session.close();
    return difference;
  },
};

test("bodies that are read into memory used again reach each client as they were sent, fast or slow", async () => {
  const asked = Object.entries(ways).flatMap(([name, fetch]) =>
    [false, true].flatMap((slow) =>
      ["/plain?length&", "/plain?", "/text?length&", "/kept?length&"].map((path) => ({ name, fetch, slow, path })),
    ),
  );
  const differences = await Promise.all(
    asked.map(async ({ name, fetch, slow, path }, id) => {
      const size = slow ? SLOW_SIZE : SIZE;
      const difference = await fetch(`${path}id=${id}&size=${size}`, { id, size, slow });
      return difference === null ? [] : [`${name} ${slow ? "slow" : "fast"} ${path} ${difference}`];
    }),
  );
  expect(differences.flat()).toEqual([]);
});
