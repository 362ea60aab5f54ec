// The least that Node itself costs: node:http in front, undici behind, a Map for what may be cached. No feature of a proxy
// beyond that: no retries, health checks, limits, freshness or forwarding fields. The measure that `--check` compares with.
import { Pool } from "undici";
import { listen, nextOrigin, origins } from "./common.mjs";

const pools = origins.map((origin) => new Pool(origin, { connections: 64, pipelining: 1 }));
const HOP_BY_HOP = new Set(["connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"]);
const cache = new Map();

function endToEnd(rawHeaders) {
  const kept = [];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i].toString("latin1");
    if (!HOP_BY_HOP.has(name.toLowerCase())) kept.push(name, rawHeaders[i + 1].toString("latin1"));
  }
  return kept;
}

class Answer {
  constructor(response, key) {
    this.controller = null;
    this.response = response;
    this.key = key;
    this.fields = [];
    this.chunks = key === null ? null : [];
  }

  onRequestStart(controller) {
    this.controller = controller;
  }

  onResponseStart(_controller, status) {
    this.fields = endToEnd(this.controller.rawHeaders);
    this.response.writeHead(status, this.fields);
  }

  onResponseData(_controller, chunk) {
    this.chunks?.push(chunk);
    // Of a client that has left there will be no "drain", and its connection to the origin is to be used again.
    if (this.response.write(chunk) || this.response.destroyed) return;
    this.controller.pause();
    const resume = () => {
      this.response.off("drain", resume).off("close", resume);
      this.controller.resume();
    };
    this.response.on("drain", resume).on("close", resume);
  }

  onResponseEnd() {
    if (this.key !== null) cache.set(this.key, { fields: this.fields, body: Buffer.concat(this.chunks) });
    this.response.end();
  }

  onResponseError(_controller, error) {
    console.error(error.message);
    this.response.destroy();
  }
}

listen((request, response) => {
  const hit = cache.get(request.url);
  if (hit !== undefined) {
    response.writeHead(200, hit.fields);
    response.end(hit.body);
    return;
  }
  const hasBody = request.headers["content-length"] !== undefined || request.headers["transfer-encoding"] !== undefined;
  pools[nextOrigin()].dispatch(
    {
      path: request.url,
      method: request.method,
      headers: endToEnd(request.rawHeaders),
      body: hasBody ? request : null,
    },
    new Answer(response, request.url.startsWith("/c/") ? request.url : null),
  );
});
