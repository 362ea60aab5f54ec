import { createServer, type IncomingMessage, type Server } from "node:http";
import { createSecureServer, type Http2SecureServer, Http2ServerResponse } from "node:http2";
import { createServer as createTlsServer, type Server as TlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { ConfigSnapshot } from "../config/snapshot.ts";
import type { ServerTls } from "../config/tls/material.ts";
import type { Handler } from "./handler.ts";
import type { Expectation, ServerRequest } from "./read-request.ts";
import { refuseConnection } from "./refuse-connection.ts";
import type { ServerReply } from "./write-response.ts";

type NodeServer = Server | TlsServer | Http2SecureServer;
type ListenerConfig = ConfigSnapshot["listeners"][number];

/** Where a listener can be reached. */
export interface BoundAddress {
  readonly scheme: "http" | "https";
  readonly address: string;
  readonly port: number;
}

/** One open port of the gateway, on one address. */
export class Listener {
  readonly bound: BoundAddress;
  readonly #server: NodeServer;
  readonly #sockets: Set<Socket>;

  constructor(server: NodeServer, sockets: Set<Socket>, bound: BoundAddress) {
    this.#server = server;
    this.#sockets = sockets;
    this.bound = bound;
  }

  /** New connections get another certificate; open ones keep theirs. */
  renew(tls: ServerTls): void {
    if ("setSecureContext" in this.#server) this.#server.setSecureContext({ ...tls });
  }

  /** Takes no more connections and closes idle ones; those in use end with their response. */
  drain(): void {
    this.#server.close();
    if ("closeIdleConnections" in this.#server) this.#server.closeIdleConnections();
  }

  /** Open connections. */
  get connections(): number {
    return this.#sockets.size;
  }

  /** Breaks off what is left. */
  destroy(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}

function serverOptions({ limits, timeouts }: ConfigSnapshot) {
  return {
    maxHeaderSize: limits.head,
    headersTimeout: timeouts.clientHeader,
    // The whole of a request may take as long as its body keeps coming; silence within it is ours to see.
    requestTimeout: 0,
    keepAliveTimeout: timeouts.clientIdle,
    connectionsCheckingInterval: Math.min(1000, timeouts.clientHeader),
    noDelay: true,
    optimizeEmptyRequests: true,
    insecureHTTPParser: false,
    // A request without Host is refused like any other that is malformed.
    requireHostHeader: false,
    // Anything but WebSocket (h2c above all) goes on as a plain request without its Upgrade.
    shouldUpgradeCallback: isWebSocket,
  };
}

function isWebSocket(request: { headers: { upgrade?: string | undefined }; method?: string | undefined }): boolean {
  return request.method === "GET" && request.headers.upgrade?.toLowerCase() === "websocket";
}

function createNodeServer(config: ConfigSnapshot, listener: ListenerConfig, tls: ServerTls | undefined): NodeServer {
  const options = serverOptions(config);
  if (tls === undefined) return createServer(options);
  const secure = { ...options, ...tls, handshakeTimeout: config.timeouts.clientHeader };
  return listener.http2
    ? createHttp2Server(config, secure)
    : createTlsServer({ ...secure, ALPNProtocols: ["http/1.1"] });
}

type SecureOptions = ReturnType<typeof serverOptions> & ServerTls & { handshakeTimeout: number };

function createHttp2Server({ limits, timeouts }: ConfigSnapshot, options: SecureOptions): Http2SecureServer {
  const server = createSecureServer({
    ...options,
    allowHTTP1: true,
    settings: { maxConcurrentStreams: 128, maxHeaderListSize: limits.head },
    unknownProtocolTimeout: timeouts.clientHeader,
  });
  // Here node puts one of its own in the option's place.
  Object.assign(server, { shouldUpgradeCallback: isWebSocket });
  // Of a silent connection, streams that are open still come to their end.
  server.on("session", (session) => session.setTimeout(timeouts.clientIdle, () => session.close()));
  return server;
}

function attach(server: NodeServer, handler: Handler, scheme: "http" | "https", limit: number): Set<Socket> {
  const sockets = new Set<Socket>();
  const emitter: Server = server as Server;
  const serve = (expectation: Expectation) => (request: ServerRequest, reply: ServerReply) =>
    handler.request(request, reply, scheme, expectation);
  emitter.on("request", serve("none"));
  emitter.on("checkContinue", serve("continue"));
  emitter.on("checkExpectation", serve("unknown"));
  emitter.on("upgrade", (request, socket: Duplex, head: Buffer) => handler.upgrade(request, socket, head, scheme));
  // Refused like any other target that cannot be served; HTTP/2 hands over a reply, HTTP/1 the bare socket.
  emitter.on("connect", (request: IncomingMessage, to: Duplex | Http2ServerResponse, head: Buffer) => {
    if (to instanceof Http2ServerResponse) handler.request(request, to, scheme, "none");
    else handler.upgrade(request, to, head, scheme);
  });
  emitter.on("clientError", refuseConnection);
  emitter.on("connection", (socket: Socket) => {
    if (sockets.size >= limit) {
      socket.destroy();
      return;
    }
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  return sockets;
}

/** Opens one listener on each of its addresses; rejects with the system's error, with nothing of it left open. */
export async function openListener(
  config: ConfigSnapshot,
  listener: ListenerConfig,
  tls: ServerTls | undefined,
  handler: Handler,
): Promise<Listener[]> {
  const scheme = tls === undefined ? "http" : "https";
  const opened: Listener[] = [];
  try {
    for (const host of listener.host) {
      const server = createNodeServer(config, listener, tls);
      const sockets = attach(server, handler, scheme, config.limits.connections);
      // Port 0 takes any: the further addresses of the same listener then take the same.
      const port = listener.port === 0 ? (opened[0]?.bound.port ?? 0) : listener.port;
      const address = await listen(server, port, host).catch((error: unknown) => skipMissing(error, host, opened));
      if (address !== null)
        opened.push(new Listener(server, sockets, { scheme, address: address.address, port: address.port }));
    }
  } catch (error) {
    for (const one of opened) one.drain();
    throw error;
  }
  return opened;
}

/** A machine without IPv6 has no ::1; what else is open serves then. */
function skipMissing(error: unknown, host: string, opened: readonly Listener[]): null {
  const code = error instanceof Error && "code" in error ? error.code : "";
  if (host === "::1" && opened.length > 0 && (code === "EADDRNOTAVAIL" || code === "EAFNOSUPPORT")) return null;
  throw error;
}

function listen(server: NodeServer, port: number, host: string): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, backlog: 4096, ...(host === "*" ? {} : { host }) }, () => {
      server.off("error", reject);
      resolve(server.address() as AddressInfo);
    });
  });
}
