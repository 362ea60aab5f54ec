// Each of so many WebSockets sends a message, waits for its echo, and sends the next.
import { WebSocket } from "ws";
import { REQUEST_FIELDS } from "../request-fields.ts";
import { toLoad } from "./report.ts";

interface Orders {
  readonly port: number;
  readonly path: string;
  readonly seconds: number;
  readonly connections: number;
}

const { port, path, seconds, connections }: Orders = JSON.parse(process.argv[2] ?? "{}");
const MESSAGE = Buffer.alloc(64, "message ");
const latencies: number[] = [];
let errors = 0;

async function open(): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers: REQUEST_FIELDS, perMessageDeflate: false });
  await new Promise<void>((resolve, reject) => socket.once("open", resolve).once("error", reject));
  return socket;
}

function playPingPong(socket: WebSocket, until: number): void {
  let sentAt = performance.now();
  socket.on("message", (echo: Buffer) => {
    const now = performance.now();
    if (echo.length !== MESSAGE.length) errors += 1;
    latencies.push(now - sentAt);
    sentAt = now;
    if (now < until) socket.send(MESSAGE);
  });
  socket.on("error", () => {
    errors += 1;
  });
  socket.send(MESSAGE);
}

const sockets = await Promise.all(Array.from({ length: connections }, open));
const start = performance.now();
for (const socket of sockets) playPingPong(socket, start + seconds * 1000);
setTimeout(() => {
  process.stdout.write(JSON.stringify(toLoad(latencies, seconds * 1000, errors)), () => process.exit());
}, seconds * 1000);
