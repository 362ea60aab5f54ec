import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { type Duplex, duplexPair } from "node:stream";

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

  /** The head's lines, those that node adds of itself left out. */
  get head(): string[] {
    const lines = this.received.slice(0, this.received.indexOf("\r\n\r\n")).split("\r\n");
    return lines.filter((line) => !/^(?:Date|Keep-Alive|Connection: keep-alive)/.test(line));
  }
}

/** The server's end of a connection in memory, with the time-out that was last set on it as on a socket. */
export type MemorySocket = Duplex & { idleLimit: number };

/** Both ends of a connection in memory; as of a socket, its time-out is told by the event `timeout`. */
export function memoryConnection(): [MemorySocket, Duplex] {
  const [near, far] = duplexPair();
  const socket: MemorySocket = Object.assign(near, {
    idleLimit: 0,
    setTimeout: (ms: number): void => {
      socket.idleLimit = ms;
    },
  });
  return [socket, far];
}

/** A node server of HTTP/1 that listens nowhere, with one connection in memory. */
export function memoryServer(onRequest: RequestListener) {
  const server = createServer({ requireHostHeader: false }, onRequest);
  const [near, far] = memoryConnection();
  server.emit("connection", near);
  return { server, near, client: new MemoryClient(far) };
}

/** One request as node hands it over, sent as `text`; its connection is in memory. */
export async function memoryRequest(text: string) {
  let handOver: (pair: { request: IncomingMessage; reply: ServerResponse }) => void = () => undefined;
  const handed = new Promise<{ request: IncomingMessage; reply: ServerResponse }>((resolve) => {
    handOver = resolve;
  });
  const { near, client, server } = memoryServer((request, reply) => handOver({ request, reply }));
  client.send(text);
  return { ...(await handed), near, client, server };
}
