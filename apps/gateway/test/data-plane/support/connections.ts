import type { Socket } from "node:net";
import { type Duplex, duplexPair } from "node:stream";
import { CorkedSockets } from "../../../src/downstream/http1/corked-sockets.ts";
import { ResponseHead } from "../../../src/downstream/http1/response-head.ts";
import { Http1Server } from "../../../src/downstream/http1/server.ts";
import type { Http1Terms } from "../../../src/downstream/http1/terms.ts";
import type { ReceivedRequest, RequestHandler } from "../../../src/downstream/read-request.ts";
import type { Reply } from "../../../src/downstream/reply.ts";

/** Lets streams, whose events come a turn or more later, settle. */
export async function settle(turns = 20): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** A client's end of a connection in memory. */
export class MemoryClient {
  readonly end: Duplex;
  received = "";
  ended = false;
  closed = false;
  error: Error | null = null;

  constructor(end: Duplex) {
    this.end = end;
    end.on("error", (error) => {
      this.error = error;
    });
    end.on("end", () => {
      this.ended = true;
    });
    end.on("close", () => {
      this.closed = true;
    });
  }

  /** Takes what comes; without it the connection fills up. */
  read(): this {
    this.end.on("data", (chunk: Buffer) => {
      this.received += chunk.toString("latin1");
    });
    return this;
  }

  send(text: string): this {
    this.end.write(text, "latin1");
    return this;
  }

  /** What came behind the head. */
  get body(): string {
    return this.received.slice(this.received.indexOf("\r\n\r\n") + 4);
  }

  /** The head's lines, those that every one has left out. */
  get head(): string[] {
    const lines = this.received.slice(0, this.received.indexOf("\r\n\r\n")).split("\r\n");
    return lines.filter((line) => !/^(?:Date|Keep-Alive|Connection: keep-alive)/.test(line));
  }
}

/** The server's end of a connection in memory, with the time-out that was last set on it as on a socket. */
export type MemorySocket = Duplex & { idleLimit: number; readonly remoteAddress: string; readonly localPort: number };

/** Both ends of a connection in memory; as of a socket, its time-out is told by the event `timeout`. */
export function memoryConnection(): [MemorySocket, Duplex] {
  const [near, far] = duplexPair();
  const socket: MemorySocket = Object.assign(near, {
    ...{ idleLimit: 0, remoteAddress: "192.0.2.1", localPort: 8080 },
    setTimeout: (ms: number): void => {
      socket.idleLimit = ms;
    },
  });
  return [socket, far];
}

/** An HTTP/1 server that listens nowhere, with one connection in memory. */
export function memoryServer(handle: RequestHandler["request"], terms: Partial<Http1Terms> = {}) {
  const server = new Http1Server({
    ...{
      handler: { request: handle },
      scheme: "http",
      corked: new CorkedSockets(setImmediate),
      heads: new ResponseHead(() => 0, 75_000),
      tick: () => 0,
    },
    ...{ maxHead: 2048, dropLimit: 1 << 20, headTimeout: 10_000, idleTimeout: 75_000 },
    ...terms,
  });
  const [near, far] = memoryConnection();
  // As far as the server knows it.
  server.accept(near as unknown as Socket);
  return { server, near, client: new MemoryClient(far) };
}

/** One request as it is handed over, sent as `text`; its connection is in memory. */
export async function memoryRequest(text: string, terms: Partial<Http1Terms> = {}) {
  const handed = Promise.withResolvers<{ received: ReceivedRequest; reply: Reply }>();
  const { near, client, server } = memoryServer((received, reply) => handed.resolve({ received, reply }), terms);
  client.send(text);
  return { ...(await handed.promise), near, client, server };
}
