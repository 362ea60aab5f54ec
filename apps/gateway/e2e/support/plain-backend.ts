import { once } from "node:events";
import {
  createServer,
  type IncomingHttpHeaders,
  type RequestListener,
  type Server,
  type ServerResponse,
} from "node:http";
import { createServer as createTlsServer, type ServerOptions } from "node:https";
import type { AddressInfo } from "node:net";

/** A request as it came to a backend, body read. */
export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Answers one request. What it throws ends the connection. */
export type Answering = (request: SeenRequest, response: ServerResponse) => void | Promise<void>;

/** A backend within the test's own process: the test writes its answers and reads what it was asked. */
export interface PlainBackend {
  readonly port: number;
  /** `host:port`, as X-Backend-Server tells it. */
  readonly id: string;
  /** All requests but health checks, in the order they came. */
  readonly requests: SeenRequest[];
  /** Those for one path, query included. */
  seen(url: string): SeenRequest[];
  close(): Promise<void>;
}

export interface PlainBackendOptions {
  /** Address; by default 127.0.0.1. */
  readonly host?: string;
  /** Fixed port; by default any free one. */
  readonly port?: number;
  /** Answers `/health`; by default 200 at once. */
  readonly health?: Answering;
  /** https instead of http. */
  readonly tls?: ServerOptions;
}

const well: Answering = (_request, response) => void response.end("ok");

export async function startPlainBackend(answer: Answering, options: PlainBackendOptions = {}): Promise<PlainBackend> {
  const { host = "127.0.0.1", port = 0, health = well, tls } = options;
  const requests: SeenRequest[] = [];
  const listener: RequestListener = async (incoming, response) => {
    try {
      let body = "";
      for await (const chunk of incoming.setEncoding("utf8")) body += chunk;
      const { method = "", url = "", headers } = incoming;
      const request = { method, url, headers, body };
      if (url === "/health") return await health(request, response);
      requests.push(request);
      await answer(request, response);
    } catch {
      incoming.socket.destroy();
    }
  };
  const server: Server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  server.listen(port, host);
  await once(server, "listening");
  const bound = (server.address() as AddressInfo).port;
  return {
    port: bound,
    id: `${host}:${bound}`,
    requests,
    seen: (url) => requests.filter((request) => request.url === url),
    close: async () => {
      if (!server.listening) return;
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
