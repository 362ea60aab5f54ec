import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, isIPv6 } from "node:net";
import type { WebSocketServer } from "ws";
import { createApp } from "./app.ts";
import { selfSigned } from "./certificate.ts";
import type { BackendOptions } from "./options.ts";
import { attachWebSocket } from "./websocket.ts";

/** Running requests get so long to finish when the backend stops, ms. */
const grace = 1000;

export interface RunningBackend {
  /** Where it listens, such as `http://127.0.0.1:8000`. */
  readonly url: string;
  readonly port: number;
  /** Takes no more connections, gives running requests a second, then ends what is left. */
  stop(): Promise<void>;
}

/** It could not listen; the message says why and what to do. */
export class ListenError extends Error {}

function explain(error: NodeJS.ErrnoException, { host, port }: BackendOptions): ListenError {
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: `port ${port} on ${host} is in use: stop what runs there or choose another port`,
    EACCES: `port ${port} needs more rights than this user has: choose a port above 1023`,
    EADDRNOTAVAIL: `${host} is not an address of this machine: choose another --host`,
    EAI_AGAIN: `the host ${host} cannot be looked up now: give an address to --host, such as 127.0.0.1`,
    ENOTFOUND: `the host ${host} is not known: give an address to --host, such as 127.0.0.1`,
  };
  return new ListenError(reasons[error.code ?? ""] ?? `cannot listen on ${host}:${port}: ${error.message}`);
}

async function stop(server: Server, sockets: WebSocketServer): Promise<void> {
  const closed = once(server, "close");
  server.close();
  for (const socket of sockets.clients) socket.close(1001, "the backend stops");
  const timer = setTimeout(() => {
    for (const socket of sockets.clients) socket.terminate();
    server.closeAllConnections();
  }, grace);
  await closed;
  clearTimeout(timer);
}

/** Starts a backend. Rejects with a `ListenError` where it cannot listen. */
export async function startBackend(options: BackendOptions, log: (line: string) => void): Promise<RunningBackend> {
  const app = createApp({ debug: options.debug, log });
  const server = options.tls ? createTlsServer(selfSigned(options.host, Date.now()), app) : createServer(app);
  const sockets = attachWebSocket(server);
  server.listen(options.port, options.host);
  try {
    await once(server, "listening");
  } catch (error) {
    throw explain(error as NodeJS.ErrnoException, options);
  }
  const { address, port } = server.address() as AddressInfo;
  const url = `${options.tls ? "https" : "http"}://${isIPv6(address) ? `[${address}]` : address}:${port}`;
  return { url, port, stop: () => stop(server, sockets) };
}
