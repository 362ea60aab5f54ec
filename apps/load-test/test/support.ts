import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import { type AddressInfo, createServer as createPlain, type Server as NetServer, type Socket } from "node:net";
import type { Plan } from "../src/load/run.ts";
import { percentiles, type Summary } from "../src/summary.ts";

const servers: NetServer[] = [];

async function listen(server: NetServer): Promise<string> {
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

/** An HTTP server on a free port; gives its address. `closeServers` ends it. */
export const serve = (listener: RequestListener): Promise<string> => listen(createServer(listener));

export const serveOn = (server: Server | NetServer): Promise<string> => listen(server);

/** A server that answers each chunk it reads with what `answer` does to the socket. */
export function serveRaw(answer: (socket: Socket, count: number) => void): Promise<string> {
  let count = 0;
  const server = createPlain((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("data", () => {
      count += 1;
      answer(socket, count);
    });
  });
  return listen(server);
}

const sockets = new Set<Socket>();

export function closeServers(): void {
  for (const socket of sockets) socket.destroy();
  for (const server of servers.splice(0)) {
    server.close();
    if ("closeAllConnections" in server) (server as Server).closeAllConnections();
  }
}

export const plan = (url: string, changes: Partial<Plan> = {}): Plan => ({
  url: new URL(url),
  method: "GET",
  headers: {},
  body: undefined,
  rate: 100,
  seconds: 0.5,
  connections: { open: 2, most: 10 },
  timeout: 5,
  ...changes,
});

const latency = (ms: number): Summary["latency"] => ({
  min: ms / 2,
  mean: ms,
  max: ms * 10,
  percentiles: Object.fromEntries(percentiles.map((one) => [`p${one}`, (ms * one) / 50])),
});

/** A good run of 1000 requests, with changes. */
export const summary = (changes: Partial<Summary> = {}): Summary => ({
  version: 1,
  startedAt: "2026-01-02T03:04:05.000Z",
  target: { method: "POST", url: "https://localhost:8443/test" },
  asked: { rate: 100, seconds: 10, requests: 1000, connections: 100 },
  seconds: 10,
  interrupted: false,
  requests: { sent: 1000, answered: 1000, failed: 0, unsent: 0, unfinished: 0, bytesReceived: 4096 },
  rate: 100,
  latency: latency(10),
  serviceTime: latency(8),
  statuses: { 200: 1000 },
  errors: {},
  cache: { results: { HIT: 800, MISS: 200 }, hitRatio: 0.8 },
  backends: { "127.0.0.1:8000": 600, "127.0.0.1:8001": 400 },
  series: [0, 1, 2].map((second) => ({ second, sent: 100, answered: 100, failed: 0, p50: 10, p99: 20 })),
  testerLag: 1,
  ...changes,
});
