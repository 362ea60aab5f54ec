import { z } from "zod";
import { nearest } from "../config/nearest.ts";
import type { BackendStatus, ControlPlane, PoolStatus } from "../control/control-plane.ts";
import type { LiveSnapshot } from "../observability/live-stats.ts";
import type { Logger } from "../observability/log.ts";
import { backendView, poolView } from "./backend-view.ts";
import { parseInput } from "./input.ts";
import { AdminProblem } from "./problem.ts";
import { type AdminReply, json, noContent } from "./reply.ts";
import type { AdminHandler, AdminRequest, AdminRoute } from "./router.ts";

export interface PoolsApiParts {
  readonly control: ControlPlane;
  readonly live: () => LiveSnapshot;
  readonly logger: Logger;
}

const NEW_BACKEND = z.strictObject({
  url: z.string({ error: "expected an http or https URL" }),
  weight: z.int({ error: "expected a whole number" }).min(1, "expected 1 or more").optional(),
});

const ONE_BACKEND = z.union([z.strictObject({ id: z.string() }), z.strictObject({ url: z.string() })], {
  error: "expected an object with the backend's id or url",
});

function unknown(what: string, name: string, known: readonly string[]): AdminProblem {
  const meant = nearest(name, known);
  const hint = meant === undefined ? `There are: ${known.join(", ") || "none"}.` : `Did you mean ${meant}?`;
  return new AdminProblem("not-found", `There is no ${what} ${JSON.stringify(name)}. ${hint}`);
}

function findPool(control: ControlPlane, name = ""): PoolStatus {
  const pools = control.pools();
  const pool = pools.find((candidate) => candidate.name === name);
  if (pool === undefined)
    throw unknown(
      "pool",
      name,
      pools.map((candidate) => candidate.name),
    );
  return pool;
}

/** Without the slash that a URL's origin gains and loses on its way through tools. */
function trimUrl(url: string): string {
  return url.replace(/\/$/, "").toLowerCase();
}

/** Path, query or body say which backend is meant, by id or URL. */
function namedBackend({ params, query, body }: AdminRequest): string {
  const name = params.id ?? query.get("id") ?? query.get("url");
  if (name !== null) return name;
  const named = parseInput(ONE_BACKEND, body, '{"id": "127.0.0.1:8001"}');
  return "id" in named ? named.id : named.url;
}

function findBackend(pool: PoolStatus, name: string): BackendStatus {
  const found = pool.backends.find(({ id, url }) => id === name || trimUrl(url) === trimUrl(name));
  if (found === undefined)
    throw unknown(
      `backend in pool ${pool.name},`,
      name,
      pool.backends.map(({ id }) => id),
    );
  return found;
}

/** The part of the API that shows pools and changes their members. */
export function poolRoutes({ control, live, logger }: PoolsApiParts): readonly AdminRoute[] {
  const view = (backends: readonly BackendStatus[]): AdminReply => {
    const now = live();
    return json(backends.map((backend) => backendView(backend, now)));
  };

  const pools = (): AdminReply => {
    const now = live();
    return json(control.pools().map((pool) => poolView(pool, now)));
  };

  const add: AdminHandler = ({ params, body }) => {
    const pool = findPool(control, params.pool);
    const { url, weight } = parseInput(NEW_BACKEND, body, '{"url": "http://127.0.0.1:8004", "weight": 1}');
    const added = control.addBackend(pool.name, weight === undefined ? { url } : { url, weight });
    logger.info({ pool: pool.name, backend: added.id, weight: added.weight }, "backend added");
    return json(backendView(added, live()), 201);
  };

  const remove: AdminHandler = (request) => {
    const pool = findPool(control, request.params.pool);
    const { id } = findBackend(pool, namedBackend(request));
    control.removeBackend(pool.name, id);
    logger.info({ pool: pool.name, backend: id }, "backend removed");
    return noContent;
  };

  const change =
    (verb: string, apply: (pool: string, id: string) => BackendStatus): AdminHandler =>
    (request) => {
      const pool = findPool(control, request.params.pool);
      const { id } = findBackend(pool, namedBackend(request));
      const changed = apply(pool.name, id);
      logger.info({ pool: pool.name, backend: id }, `backend ${verb}`);
      return json(backendView(changed, live()));
    };
  const drain = change("drained", (pool, id) => control.drainBackend(pool, id));
  const enable = change("enabled", (pool, id) => control.enableBackend(pool, id));

  const backends = "/api/pools/:pool/backends";
  return [
    ["GET", "/api/backends", () => view(control.pools().flatMap((pool) => pool.backends))],
    ["GET", "/api/pools", pools],
    ["GET", backends, ({ params }) => view(findPool(control, params.pool).backends)],
    ["POST", backends, add],
    ["DELETE", backends, remove],
    ["POST", `${backends}/drain`, drain],
    ["POST", `${backends}/enable`, enable],
    ["DELETE", `${backends}/:id`, remove],
    ["POST", `${backends}/:id/drain`, drain],
    ["POST", `${backends}/:id/enable`, enable],
  ];
}
