import { createProxyServer } from "http-proxy-3";
import { answer502, keepAliveAgent, listen, nextOrigin, origins } from "./common.mjs";

const proxy = createProxyServer({ agent: keepAliveAgent() });
proxy.on("error", answer502);
const server = listen((request, response) => proxy.web(request, response, { target: origins[nextOrigin()] }));
server.on("upgrade", (request, socket, head) => proxy.ws(request, socket, head, { target: origins[nextOrigin()] }));
