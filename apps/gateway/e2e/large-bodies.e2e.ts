import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { type RunningGateway, startGateway, testConfig } from "./support/gateway.ts";
import { SampleBackend } from "./support/sample-backend.ts";
import { settled } from "./support/stage.ts";

/** Bytes: 1 GiB takes its time, so it is asked for by the environment. */
const SIZE = process.env.HEADGATE_E2E_FULL === "1" ? 2 ** 30 : 2 ** 28;
/** How much more memory the gateway may take while such a body passes, bytes. */
const GROWTH = 64 * 2 ** 20;
const BLOCK = Buffer.alloc(2 ** 18, "0123456789abcdef");

let sample: SampleBackend;
let sink: Server;
let gateway: RunningGateway;
/** The gateway's memory at its peak while bodies of 64 MiB passed. */
let usual = 0;

beforeAll(async () => {
  sample = await SampleBackend.start();
  sink = createServer(slowSink).listen(0, "127.0.0.1");
  await once(sink, "listening");
  const { port } = sink.address() as { port: number };
  const pool = (url: string) => ({ backends: [url], health: false as const });
  gateway = await startGateway({
    ...testConfig([]),
    limits: { body: "4GiB" },
    pools: { default: pool(`http://127.0.0.1:${sample.port}`), sink: pool(`http://127.0.0.1:${port}`) },
    routes: [
      { path: "/sink", pool: "sink", auth: "none" },
      { path: "/", auth: "none" },
    ],
  });
  // What smaller bodies take, compiled code and buffers that are kept, is where growth begins.
  const peak = watchMemory();
  await download(`size=${2 ** 26}&cache=no-store`);
  await download(`size=${2 ** 26}&cache=max-age%3D60`);
  await upload("/sink", 2 ** 26);
  usual = peak();
});

afterAll(async () => {
  await settled(gateway).finally(() => gateway.stop());
  await sample.kill();
  sink.close();
});

/** Takes an upload in bursts, with a rest after each, and answers with what it got. */
function slowSink(socket: Socket): void {
  let head = "";
  let left = -1;
  let total = 0;
  pace(socket);
  socket.on("error", () => undefined);
  socket.on("data", (chunk: Buffer) => {
    let bytes = chunk.length;
    if (left < 0) {
      head += chunk.toString("latin1");
      const end = head.indexOf("\r\n\r\n");
      if (end < 0) return;
      bytes = head.length - end - 4;
      left = Number(/content-length: (\d+)/i.exec(head)?.[1]);
    }
    total += bytes;
    left -= bytes;
    if (left > 0) return;
    const body = String(total);
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    [head, left, total] = ["", -1, 0];
  });
}

/** Makes a reader slow: after every 4 MiB it takes nothing for a moment. */
function pace(socket: Socket): void {
  let burst = 0;
  socket.on("data", (chunk: Buffer) => {
    burst += chunk.length;
    if (burst < 2 ** 22) return;
    burst = 0;
    socket.pause();
    setTimeout(() => socket.resume(), 5);
  });
}

/** Watches the gateway's memory until the returned function is called; gives back the peak. */
function watchMemory(): () => number {
  let peak = gateway.memory();
  const timer = setInterval(() => {
    peak = Math.max(peak, gateway.memory());
  }, 20);
  return () => {
    clearInterval(timer);
    return peak;
  };
}

/** Downloads with a slow reader; the bytes of the body. */
async function download(query: string): Promise<number> {
  const socket = connect(gateway.http, "127.0.0.1");
  socket.write(`GET /?${query} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
  let head = "";
  let total = 0;
  pace(socket);
  socket.on("data", (chunk: Buffer) => {
    total += chunk.length;
    if (head.includes("\r\n\r\n")) return;
    head += chunk.toString("latin1");
    const end = head.indexOf("\r\n\r\n");
    if (end >= 0) total = head.length - end - 4;
  });
  await once(socket, "close");
  return total;
}

/** Uploads as fast as the gateway takes it; what the backend says it got. */
async function upload(path: string, size: number): Promise<number> {
  const socket = connect(gateway.http, "127.0.0.1");
  socket.write(`POST ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: ${size}\r\n\r\n`);
  let answer = "";
  socket.on("data", (chunk: Buffer) => (answer += chunk.toString("latin1")));
  for (let sent = 0; sent < size; sent += BLOCK.length) if (!socket.write(BLOCK)) await once(socket, "drain");
  await once(socket, "close");
  return Number(/\r\n\r\n(\d+)$/.exec(answer)?.[1]);
}

async function expectFlat(run: () => Promise<number>): Promise<void> {
  const peak = watchMemory();
  const total = await run();
  expect(total).toBe(SIZE);
  expect(peak() - usual).toBeLessThan(GROWTH);
}

test("a large download by a slow reader leaves the gateway's memory flat", async () => {
  await expectFlat(() => download(`size=${SIZE}&cache=no-store`));
}, 120_000);

test("a large download that may be stored, but is too large for it, leaves the memory flat", async () => {
  await expectFlat(() => download(`size=${SIZE}&cache=max-age%3D60`));
}, 120_000);

test("a large upload to a slow backend leaves the gateway's memory flat", async () => {
  await expectFlat(() => upload("/sink", SIZE));
}, 120_000);
