import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { RawReader } from "./raw-reader.ts";

/** One connection of the gateway to a scripted backend, byte by byte. */
export class BackendConnection extends RawReader {
  /** Counts connections of its backend from 0. */
  readonly index: number;

  constructor(socket: Socket, index: number) {
    super(socket);
    this.index = index;
  }

  /** Answers 200 with a body (a character a byte) and its length, and keeps the connection. */
  reply(body: string, fields = "", status = "200 OK"): void {
    this.send(`HTTP/1.1 ${status}\r\nContent-Length: ${body.length}\r\n${fields}\r\n${body}`);
  }
}

/** A backend that does what its script says: lies, stalls and dies included. */
export interface RawBackend {
  readonly port: number;
  /** Heads of all requests so far, in order of arrival. */
  readonly requests: string[];
  /** Open connections. */
  connections(): number;
  close(): Promise<void>;
}

/** @param script runs for each connection; when it ends the connection stays as it is */
export async function startRawBackend(
  script: (connection: BackendConnection) => Promise<void>,
  port = 0,
): Promise<RawBackend> {
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  let count = 0;
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    const connection = new BackendConnection(socket, count++);
    connection.onHead = (head) => requests.push(head);
    script(connection).catch(() => socket.destroy());
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as { port: number }).port,
    requests,
    connections: () => sockets.size,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      if (server.listening) await once(server, "close");
    },
  };
}

/** A backend that answers each request of each connection with the same function. */
export function startReplyingBackend(
  answer: (head: string, connection: BackendConnection) => void | Promise<void>,
): Promise<RawBackend> {
  return startRawBackend(async (connection) => {
    for (;;) await answer(await connection.readHead(), connection);
  });
}

/** A port on which nobody listens. */
export async function closedPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}
