import {
  createSecureServer,
  type Http2SecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from "node:http2";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, DEFAULT_CIPHERS, type TLSSocket, type Server as TlsServer } from "node:tls";
import type { Clock } from "../clock.ts";
import type { ConfigSnapshot } from "../config/snapshot.ts";
import type { ServerTls } from "../config/tls/material.ts";
import { CorkedSockets } from "./http1/corked-sockets.ts";
import { ResponseHead } from "./http1/response-head.ts";
import { Http1Server } from "./http1/server.ts";
import { Http2Reply } from "./http2/reply.ts";
import { receive } from "./http2/request.ts";
import type { Expectation, RequestHandler } from "./read-request.ts";

type NodeServer = Server | TlsServer | Http2SecureServer;
type ListenerConfig = ConfigSnapshot["listeners"][number];

const FAVOURED = "TLS_AES_128_GCM_SHA256";

/**
 * Node's own, of which the first that a client has is taken; AES-128 comes before AES-256, as with Go and BoringSSL: its SHA-256 makes a
 * handshake of TLS 1.3 cheaper (https://ssl-config.mozilla.org, "intermediate", orders them so too).
 */
const CIPHERS = DEFAULT_CIPHERS.split(":")
  .sort((a, b) => Number(b === FAVOURED) - Number(a === FAVOURED))
  .join(":");

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
  readonly #http1: Http1Server;
  readonly #sockets: Set<Socket>;

  constructor(server: NodeServer, http1: Http1Server, sockets: Set<Socket>, bound: BoundAddress) {
    this.#server = server;
    this.#http1 = http1;
    this.#sockets = sockets;
    this.bound = bound;
  }

  /** New connections get another certificate; open ones keep theirs. */
  renew(tls: ServerTls): void {
    if ("setSecureContext" in this.#server) this.#server.setSecureContext({ ...tls, ciphers: CIPHERS });
  }

  /** Takes no more connections and closes idle ones; those in use end with their response. */
  drain(): void {
    this.#server.close();
    this.#http1.closeIdle();
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

/** Who takes requests, and the clocks that their connections go by. */
export interface ListenerParts {
  readonly handler: RequestHandler;
  readonly clock: Clock;
}

function createHttp1(
  { limits, timeouts }: ConfigSnapshot,
  scheme: "http" | "https",
  parts: ListenerParts,
): Http1Server {
  const { handler, clock } = parts;
  return new Http1Server({
    ...{ handler, scheme },
    corked: new CorkedSockets(setImmediate),
    heads: new ResponseHead(() => clock.now(), timeouts.clientIdle),
    tick: () => clock.tick(),
    maxHead: limits.head,
    dropLimit: limits.body,
    headTimeout: timeouts.clientHeader,
    idleTimeout: timeouts.clientIdle,
  });
}

function createNodeServer(
  config: ConfigSnapshot,
  listener: ListenerConfig,
  tls: ServerTls | undefined,
  http1: Http1Server,
  handler: RequestHandler,
): NodeServer {
  // A client that has ended its side can still be told what was wrong; a session of HTTP/2 would not see that it is gone.
  if (tls === undefined) return createServer({ noDelay: true, allowHalfOpen: true }, (socket) => http1.accept(socket));
  const secure = { noDelay: true, ciphers: CIPHERS, ...tls, handshakeTimeout: config.timeouts.clientHeader };
  if (listener.http2) return createHttp2Server(config, secure, http1, handler);
  return createTlsServer({ ...secure, ALPNProtocols: ["http/1.1"] }, (socket) => http1.accept(socket));
}

type SecureOptions = ServerTls & {
  readonly noDelay: boolean;
  readonly ciphers: string;
  readonly handshakeTimeout: number;
};

function createHttp2Server(
  { limits, timeouts }: ConfigSnapshot,
  options: SecureOptions,
  http1: Http1Server,
  handler: RequestHandler,
): Http2SecureServer {
  const server = createSecureServer({
    ...options,
    // Offered to clients; who serves it is settled below.
    allowHTTP1: true,
    settings: { maxConcurrentStreams: 128, maxHeaderListSize: limits.head },
    unknownProtocolTimeout: timeouts.clientHeader,
  });
  const [toHttp2] = server.listeners("secureConnection");
  server.removeAllListeners("secureConnection");
  server.on("secureConnection", (socket: TLSSocket) => {
    if (socket.alpnProtocol === "h2") toHttp2?.call(server, socket);
    else http1.accept(socket);
  });
  // Of a silent connection, streams that are open still come to their end.
  server.on("session", (session) => session.setTimeout(timeouts.clientIdle, () => session.close()));
  const serve = (expectation: Expectation) => (request: Http2ServerRequest, reply: Http2ServerResponse) =>
    handler.request(receive(request, expectation), new Http2Reply(reply));
  server.on("request", serve("none"));
  server.on("checkContinue", serve("continue"));
  server.on("checkExpectation", serve("unknown"));
  // Refused like any other target that cannot be served.
  server.on("connect", serve("none"));
  return server;
}

/** The open connections of a server, at most `limit`. */
function track(server: NodeServer, limit: number): Set<Socket> {
  const sockets = new Set<Socket>();
  (server as Server).prependListener("connection", (socket: Socket) => {
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
  parts: ListenerParts,
): Promise<Listener[]> {
  const scheme = tls === undefined ? "http" : "https";
  const opened: Listener[] = [];
  try {
    for (const host of listener.host) {
      const http1 = createHttp1(config, scheme, parts);
      const server = createNodeServer(config, listener, tls, http1, parts.handler);
      const sockets = track(server, config.limits.connections);
      // Port 0 takes any: the further addresses of the same listener then take the same.
      const port = listener.port === 0 ? (opened[0]?.bound.port ?? 0) : listener.port;
      const address = await listen(server, port, host).catch((error: unknown) => skipMissing(error, host, opened));
      if (address !== null)
        opened.push(new Listener(server, http1, sockets, { scheme, address: address.address, port: address.port }));
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
