import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { UserError } from "../errors.ts";
import type { Logger } from "../observability/log.ts";
import { type CacheApiParts, cacheRoutes } from "./cache-api.ts";
import { type ExplainApiParts, explainRoutes } from "./explain-api.ts";
import { guard } from "./guard.ts";
import { type PoolsApiParts, poolRoutes } from "./pools-api.ts";
import { AdminProblem } from "./problem.ts";
import { readJson } from "./read-json.ts";
import { type AdminReply, problemReply } from "./reply.ts";
import { type AdminRoute, matchRoute } from "./router.ts";
import { type StatusApiParts, statusRoutes } from "./status-api.ts";

export interface AdminParts extends PoolsApiParts, StatusApiParts, CacheApiParts, ExplainApiParts {
  /** The host that the listener is told to bind: one of the names it goes by. */
  readonly host: string;
}

/** A few people and a scraper need no more, and a stuck one must not hold a connection for long. */
const BOUNDS = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 1_000,
};
const MAX_CONNECTIONS = 256;

const COMMON = { "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff" };

function send(response: ServerResponse, { status, type, body, headers }: AdminReply): void {
  const content = type === "" ? {} : { "Content-Type": type, "Content-Length": Buffer.byteLength(body) };
  response.writeHead(status, { ...COMMON, ...content, ...headers });
  response.end(body);
}

/** Path and query of a request's target; a target in another form than a path leads nowhere. */
function splitTarget(target: string): { path: string; query: URLSearchParams } {
  const mark = target.indexOf("?");
  const path = mark < 0 ? target : target.slice(0, mark);
  return { path, query: new URLSearchParams(mark < 0 ? "" : target.slice(mark)) };
}

async function answer(routes: readonly AdminRoute[], host: string, request: IncomingMessage): Promise<AdminReply> {
  const { method = "", url = "", headers } = request;
  const { path, query } = splitTarget(url);
  const refusal = guard({ path, host: headers.host, origin: headers.origin }, host);
  if (refusal !== null) throw refusal;
  const match = matchRoute(routes, method, path);
  switch (match.kind) {
    case "unknown":
      throw new AdminProblem("no-route", `The admin listener has nothing at ${path}.`);
    case "wrong-method":
      throw new AdminProblem("method-not-allowed", `${path} takes ${match.allow}.`, { Allow: match.allow });
    case "found":
      return await match.handler({ params: match.params, query, body: await readJson(request) });
  }
}

function explain(error: unknown, logger: Logger, request: IncomingMessage): AdminReply {
  if (error instanceof AdminProblem) return problemReply(error);
  if (error instanceof UserError) return problemReply(new AdminProblem("invalid-input", error.message));
  logger.error({ err: error, method: request.method, path: request.url }, "admin request failed");
  return problemReply(new AdminProblem("internal", "The gateway's log has the reason."));
}

/** The admin listener: health, metrics, status page and API. Not listening yet; the caller listens and closes. */
export function createAdminServer(parts: AdminParts): Server {
  const routes = [...statusRoutes(parts), ...poolRoutes(parts), ...cacheRoutes(parts), ...explainRoutes(parts)];
  const server = createServer(BOUNDS, (request, response) => {
    answer(routes, parts.host, request)
      .catch((error: unknown) => explain(error, parts.logger, request))
      .then((reply) => send(response, reply))
      .catch((error: unknown) => parts.logger.debug({ err: error }, "admin response not sent"));
  });
  server.maxConnections = MAX_CONNECTIONS;
  return server;
}
