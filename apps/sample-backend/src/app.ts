import express, { type ErrorRequestHandler, type Express } from "express";
import { adminRoutes, type Health } from "./admin.ts";
import { readBody, requestId } from "./body.ts";
import { echo } from "./echo.ts";
import { events } from "./events.ts";
import { playFaults, readFaults } from "./fault-handler.ts";
import type { Handler } from "./handler.ts";
import { createLoadMeter, type Load } from "./load.ts";
import { createStats, type Stats } from "./stats.ts";

export interface AppSettings {
  /** Echo request headers and log a line a request. */
  readonly debug: boolean;
  /** Takes a line; called in debug only. */
  readonly log: (line: string) => void;
  /** The load at a given number of active requests. Default: that of this process. */
  readonly load?: (active: number) => Load;
}

function requestLog(log: (line: string) => void): Handler {
  return (request, response, next) => {
    const { method, originalUrl } = request;
    const began = performance.now();
    response.once("close", () => {
      const end = response.writableFinished ? String(response.statusCode) : "cut off";
      log(`${method} ${originalUrl} ${end} ${(performance.now() - began).toFixed(1)} ms`);
    });
    next();
  };
}

const healthAnswer =
  (health: Health, load: () => Load): Handler =>
  (request, response) => {
    const { status } = response.locals.faults;
    response.status(status ?? (health.healthy ? 200 : 503));
    if (!response.hasHeader("Cache-Control")) response.set("Cache-Control", "no-store");
    const verdict = response.statusCode < 400 ? "ok" : "unhealthy";
    response.json({ status: verdict, port: request.socket.localPort, load: load() });
  };

/** Reads the body to its end, and only then counts the request as executed. */
const execute =
  (stats: Stats): Handler =>
  async (request, response, next) => {
    try {
      response.locals.received = await readBody(request);
    } catch {
      // The client left before its request was whole: nothing ran and nobody waits.
      return;
    }
    stats.executed(request.method, requestId(response.locals.received.body, request.get("X-Request-Id")));
    next();
  };

const failure: ErrorRequestHandler = (error: unknown, _request, response, _next) => {
  const message = error instanceof Error ? error.message : String(error);
  if (response.headersSent) response.destroy();
  else response.status(500).json({ error: message });
};

/** The sample backend as an Express application; it opens nothing and keeps its state to itself. */
export function createApp({ debug, log, load = createLoadMeter() }: AppSettings): Express {
  const health: Health = { healthy: true };
  const stats = createStats();
  let active = 0;
  const countActive: Handler = (_request, response, next) => {
    active += 1;
    response.once("close", () => {
      active -= 1;
    });
    next();
  };
  const app = express().disable("x-powered-by");
  if (debug) app.use(requestLog(log));
  app.use("/_admin", adminRoutes(health, stats));
  app.use(readFaults);
  app.get(
    "/health",
    playFaults,
    healthAnswer(health, () => load(active)),
  );
  app.use(countActive);
  app.get("/events", playFaults, events);
  app.get("/ws", (_request, response) => {
    response.status(426).set({ Connection: "Upgrade", Upgrade: "websocket" });
    response.json({ error: "/ws speaks WebSocket: connect to it with ws:// or wss://" });
  });
  app.use(execute(stats), playFaults, echo(debug));
  return app.use(failure);
}
