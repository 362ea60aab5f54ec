import httpProxy from "@fastify/http-proxy";
import fastify from "fastify";
import { keepAliveTimeout, nextOrigin, origins, port, tlsOptions } from "./common.mjs";

const app = fastify({ logger: false, keepAliveTimeout, https: tlsOptions });
app.register(httpProxy, {
  upstream: origins[0],
  replyOptions: { getUpstream: () => origins[nextOrigin()] },
  undici: { connections: 64, pipelining: 1 },
  websocket: true,
});
await app.listen({ port, host: "127.0.0.1", backlog: 4096 });
