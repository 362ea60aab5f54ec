import { z } from "zod";
import { parseDuration } from "../config/units.ts";
import type { BackendStatus, ControlPlane } from "../control/control-plane.ts";
import type { LiveSnapshot } from "../observability/live-stats.ts";
import type { Logger } from "../observability/log.ts";
import { backendView, poolView } from "./backend-view.ts";
import { findBackend, findPool } from "./find-backend.ts";
import { parseInput } from "./input.ts";
import { AdminProblem } from "./problem.ts";
import { type AdminReply, json, noContent } from "./reply.ts";
import type { AdminHandler, AdminRequest, AdminRoute } from "./router.ts";

export interface PoolsApiParts {
  readonly control: ControlPlane;
  readonly live: () => LiveSnapshot;
  readonly logger: Logger;
}

const BACKENDS = "/api/pools/:pool/backends";

const NEW_BACKEND = z.strictObject({
  url: z.string({ error: "expected an http or https URL" }),
  weight: z.int({ error: "expected a whole number" }).min(1, "expected 1 or more").optional(),
  lease: z.string({ error: "expected a duration such as 10s" }).optional(),
});

const EXAMPLE = '{"url": "http://127.0.0.1:8004", "weight": 1}';

function viewRoutes({ control, live }: PoolsApiParts): readonly AdminRoute[] {
  const view = (backends: readonly BackendStatus[]): AdminReply => {
    const now = live();
    return json(backends.map((backend) => backendView(backend, now)));
  };
  const pools = (): AdminReply => {
    const now = live();
    return json(control.pools().map((pool) => poolView(pool, now)));
  };
  return [
    ["GET", "/api/backends", () => view(control.pools().flatMap((pool) => pool.backends))],
    ["GET", "/api/pools", pools],
    ["GET", BACKENDS, ({ params }) => view(findPool(control, params.pool).backends)],
  ];
}

function memberRoutes({ control, live, logger }: PoolsApiParts): readonly AdminRoute[] {
  const add: AdminHandler = ({ params, body }) => {
    const pool = findPool(control, params.pool);
    const { url, weight, lease } = parseInput(NEW_BACKEND, body, EXAMPLE);
    const ms = lease === undefined ? undefined : durationOf("lease", lease);
    const before = new Set(pool.backends.map(({ id }) => id));
    const added = control.addBackend(pool.name, { url, weight, lease: ms });
    const known = before.has(added.id);
    // A renewal comes every few seconds.
    const level = known && lease !== undefined ? "debug" : "info";
    logger[level]({ pool: pool.name, backend: added.id, weight: added.weight, lease }, "backend added");
    return json(backendView(added, live()), known ? 200 : 201);
  };
  const remove: AdminHandler = (request) => {
    const pool = findPool(control, request.params.pool);
    const { id } = findBackend(pool, request);
    control.removeBackend(pool.name, id);
    logger.info({ pool: pool.name, backend: id }, "backend removed");
    return noContent;
  };
  return [
    ["POST", BACKENDS, add],
    ["DELETE", BACKENDS, remove],
    ["DELETE", `${BACKENDS}/:id`, remove],
  ];
}

/** How long a drain may take, by the query's `deadline`; undefined where it names none. */
function deadlineOf({ query }: AdminRequest): number | undefined {
  const text = query.get("deadline");
  return text === null ? undefined : durationOf("deadline", text);
}

function durationOf(name: string, text: string): number {
  const parsed = parseDuration(text);
  if (parsed.ok) return parsed.value;
  const meant = parsed.hint === undefined ? "" : ` Did you mean ${parsed.hint}?`;
  throw new AdminProblem(
    "invalid-input",
    `${name} is ${JSON.stringify(text)}: expected a duration such as 30s.${meant}`,
  );
}

function drainRoutes({ control, live, logger }: PoolsApiParts): readonly AdminRoute[] {
  const change =
    (done: string, apply: (pool: string, id: string, request: AdminRequest) => BackendStatus): AdminHandler =>
    (request) => {
      const pool = findPool(control, request.params.pool);
      const changed = apply(pool.name, findBackend(pool, request).id, request);
      logger.info({ pool: pool.name, backend: changed.id }, `backend ${done}`);
      return json(backendView(changed, live()));
    };
  const drain = change("drained", (pool, id, request) => control.drainBackend(pool, id, deadlineOf(request)));
  const enable = change("enabled", (pool, id) => control.enableBackend(pool, id));
  return [
    ["POST", `${BACKENDS}/drain`, drain],
    ["POST", `${BACKENDS}/enable`, enable],
    ["POST", `${BACKENDS}/:id/drain`, drain],
    ["POST", `${BACKENDS}/:id/enable`, enable],
  ];
}

/** The part of the API that shows pools and changes their members. */
export function poolRoutes(parts: PoolsApiParts): readonly AdminRoute[] {
  return [...viewRoutes(parts), ...memberRoutes(parts), ...drainRoutes(parts)];
}
