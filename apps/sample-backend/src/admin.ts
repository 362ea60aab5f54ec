import { type RequestHandler, Router } from "express";
import type { Stats } from "./stats.ts";

/** The switch behind `/health`. */
export interface Health {
  healthy: boolean;
}

const only =
  (method: string): RequestHandler =>
  (request, response, next) => {
    if (request.method === method) return next();
    response
      .status(405)
      .set("Allow", method)
      .json({ error: `${request.path} takes ${method}, not ${request.method}` });
  };

/** `/_admin`: turns health off and on, and tells what was executed. */
export function adminRoutes(health: Health, stats: Stats): Router {
  const set =
    (healthy: boolean): RequestHandler =>
    (request, response) => {
      health.healthy = healthy;
      response.json({ port: request.socket.localPort, healthy });
    };
  return Router()
    .use((_request, response, next) => {
      response.set("Cache-Control", "no-store");
      next();
    })
    .all("/healthy", only("POST"), set(true))
    .all("/unhealthy", only("POST"), set(false))
    .all("/stats", only("GET"), (request, response) => {
      const ids = "ids" in request.query ? { rememberedIds: stats.ids() } : {};
      response.json({ port: request.socket.localPort, ...stats.view(), ...ids });
    })
    .use((request, response) => {
      response.status(404).json({ error: `no /_admin${request.path}; there are /healthy, /unhealthy and /stats` });
    });
}
