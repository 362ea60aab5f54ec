import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { type RunningGateway, startGateway, testConfig } from "./support/gateway.ts";
import { MarkedReader, markedBytes } from "./support/marked-bytes.ts";

/** Sizes of the bodies that one connection sends, one behind the other: within a read, just around one, many of them. */
const SIZES = [0, 1, 10_000, 65_400, 65_536, 131_072, 1_000_003, 37, 4_000_000, 2];
/** Bytes of a write; with the odd ones heads and bodies begin and end within reads. */
const PIECES = [1 << 20, 65_536, 7919, 100_003];

let backend: Server;
let gateway: RunningGateway;
const differences: string[] = [];

/** Reads a body, with a rest after each half of a megabyte where it is asked to, and says how it differs. */
async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { searchParams } = new URL(request.url ?? "", "http://a");
  const reader = new MarkedReader(Number(searchParams.get("id")));
  let burst = 0;
  for await (const chunk of request) {
    reader.take(chunk as Buffer);
    burst += (chunk as Buffer).length;
    if (searchParams.has("slow") && burst > 2 ** 19) {
      burst = 0;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
  const difference = reader.difference(Number(searchParams.get("size")));
  if (difference !== null) differences.push(`${request.url}: ${difference}`);
  response.end("read");
}

beforeAll(async () => {
  backend = createServer((request, response) => void answer(request, response)).listen(0, "127.0.0.1");
  await once(backend, "listening");
  gateway = await startGateway(
    testConfig([(backend.address() as AddressInfo).port], {
      listeners: [
        { port: 0, host: "127.0.0.1" },
        { port: 0, host: "127.0.0.1", tls: "self-signed" },
      ],
    }),
  );
});

afterAll(async () => {
  await gateway.stop();
  backend.closeAllConnections();
  await new Promise((resolve) => backend.close(resolve));
});

const host = "127.0.0.1";
const ways: Record<string, () => Promise<Socket>> = {
  http: async () => {
    const socket = connect({ port: gateway.http, host });
    await once(socket, "connect");
    return socket;
  },
  https: async () => {
    const socket = connectTls({ port: gateway.https, host, rejectUnauthorized: false });
    await once(socket, "secureConnect");
    return socket;
  },
};

/** A request with its body, as bytes. */
function message(id: number, size: number, chunked: boolean, slow: boolean): Buffer {
  const head = `POST /up?id=${id}&size=${size}${slow ? "&slow" : ""} HTTP/1.1\r\nHost: a\r\n`;
  const body = markedBytes(id, 0, size);
  if (!chunked) return Buffer.concat([Buffer.from(`${head}Content-Length: ${size}\r\n\r\n`), body]);
  const parts: Buffer[] = [Buffer.from(`${head}Transfer-Encoding: chunked\r\n\r\n`)];
  for (let from = 0; from < size; from += 70_001) {
    const part = body.subarray(from, from + 70_001);
    parts.push(Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from("\r\n"));
  }
  return Buffer.concat([...parts, Buffer.from("0\r\n\r\n")]);
}

/** Sends all messages on one connection without waiting for an answer, in writes of a size, and counts the answers. */
async function upload(socket: Socket, messages: readonly Buffer[], piece: number): Promise<number> {
  let answers = "";
  const closed = once(socket, "close");
  socket.on("data", (chunk: Buffer) => {
    answers += chunk.toString("latin1");
  });
  const bytes = Buffer.concat([...messages, Buffer.from("GET /end HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")]);
  for (let from = 0; from < bytes.length; from += piece)
    if (!socket.write(bytes.subarray(from, from + piece))) await once(socket, "drain");
  await closed;
  return answers.split("HTTP/1.1 200 OK").length - 1;
}

test("uploads that are read into memory used again reach the backend as they were sent", async () => {
  const asked = Object.entries(ways).flatMap(([name, open]) =>
    PIECES.flatMap((piece) =>
      [false, true].flatMap((chunked) => [false, true].map((slow) => ({ name, open, piece, chunked, slow }))),
    ),
  );
  const answered = await Promise.all(
    asked.map(async ({ open, piece, chunked, slow }, way) => {
      const messages = SIZES.map((size, index) => message(way * SIZES.length + index, size, chunked, slow));
      return upload(await open(), messages, piece);
    }),
  );
  expect(differences).toEqual([]);
  expect(answered).toEqual(asked.map(() => SIZES.length + 1));
});
