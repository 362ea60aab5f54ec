import { type IncomingMessage, type Server, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";

/** Largest message it takes, bytes: the echo's own limit on bodies. */
const maxPayload = 10 * 2 ** 20;

function refuse(socket: Duplex, status: number): void {
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

function echoMessages(socket: WebSocket): void {
  socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
  // ws closes the connection by itself after an error; without a listener it would end the process.
  socket.on("error", () => socket.terminate());
}

/** Echoes WebSocket messages at `/ws`; other paths answer 404. */
export function attachWebSocket(server: Server): WebSocketServer {
  const sockets = new WebSocketServer({ noServer: true, maxPayload });
  sockets.on("connection", echoMessages);
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on("error", () => socket.destroy());
    if (request.url?.split("?")[0] !== "/ws") return refuse(socket, 404);
    sockets.handleUpgrade(request, socket, head, (webSocket) => sockets.emit("connection", webSocket, request));
  });
  return sockets;
}
