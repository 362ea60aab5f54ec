import fastProxy from "fast-proxy";
import { listen, nextOrigin, origins } from "./common.mjs";

// One instance for each origin: it takes its base when it is made.
const proxies = origins.map((base) => fastProxy({ base, undici: { connections: 64, pipelining: 1 } }).proxy);
listen((request, response) => proxies[nextOrigin()](request, response, request.url, {}));
