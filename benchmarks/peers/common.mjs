// What the Node peers share: where to listen and which origins there are, from the environment.
import fs from "node:fs";
import http from "node:http";
import https from "node:https";

export const port = Number(process.env.PORT);
// Ports, or hosts with their ports.
const places = process.env.ORIGINS.split(",");
export const originPorts = places.map(Number);
export const origins = places.map((each) => `http://${each.includes(":") ? each : `127.0.0.1:${each}`}`);

let turn = 0;
/** The number of the next origin, in turn. */
export function nextOrigin() {
  turn = (turn + 1) % origins.length;
  return turn;
}

export const tlsOptions = process.env.TLS_CERT
  ? { cert: fs.readFileSync(process.env.TLS_CERT), key: fs.readFileSync(process.env.TLS_KEY) }
  : null;

/** Idle connections stay open for as long as a scenario lasts, as with the other proxies. */
export const keepAliveTimeout = 3_600_000;

export function listen(handler) {
  const server = tlsOptions
    ? https.createServer({ ...tlsOptions, keepAliveTimeout }, handler)
    : http.createServer({ keepAliveTimeout }, handler);
  return server.listen({ port, host: "127.0.0.1", backlog: 4096 });
}

/** http-proxy's own default opens a connection for each request; with an agent it is what its users recommend. */
export const keepAliveAgent = () => new http.Agent({ keepAlive: true, maxSockets: 256, maxFreeSockets: 256 });

export function answer502(_error, _request, response) {
  if (response.writeHead && !response.headersSent) response.writeHead(502);
  response.end();
}

process.on("SIGTERM", () => process.exit(0));
