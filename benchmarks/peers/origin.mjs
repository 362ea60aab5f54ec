// The origin in Node: WebSocket echo, and all else where nginx is not there. /p/ may not be cached, /c/ may.
import http from "node:http";
import { WebSocketServer } from "ws";
import { keepAliveTimeout, originPorts } from "./common.mjs";

const sizes = { "1k": 1024, "64k": 65_536, "1m": 1_048_576 };
const bodies = new Map(Object.entries(sizes).map(([name, size]) => [name, Buffer.alloc(size, "line of a text; ")]));
let served = 0;

function answer(request, response) {
  const [, kind, name] = request.url.split("/");
  const body = kind === "health" ? Buffer.from("ok") : bodies.get(name);
  if (body === undefined) return response.writeHead(404).end();
  served += 1;
  const control = kind === "c" ? "public, max-age=3600" : "no-store";
  const fields = ["Content-Type", "text/plain", "Content-Length", body.length, "Cache-Control", control];
  // Another one each time: a copy has the same one twice.
  if (kind === "c") fields.push("ETag", `"v1-${name}"`, "X-Origin-Request", served);
  request.resume();
  response.writeHead(200, fields);
  return response.end(body);
}

for (const port of originPorts) {
  const server = http.createServer({ keepAliveTimeout }, answer).listen({ port, host: "127.0.0.1", backlog: 4096 });
  const sockets = new WebSocketServer({ server, path: "/ws", perMessageDeflate: false });
  sockets.on("connection", (socket) => {
    socket.on("message", (message, isBinary) => socket.send(message, { binary: isBinary }));
    socket.on("error", () => socket.terminate());
  });
}
