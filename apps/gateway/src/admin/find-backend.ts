import { z } from "zod";
import { nearest } from "../config/nearest.ts";
import type { BackendStatus, ControlPlane, PoolStatus } from "../control/control-plane.ts";
import { parseInput } from "./input.ts";
import { AdminProblem } from "./problem.ts";
import type { AdminRequest } from "./router.ts";

const ONE_BACKEND = z.union([z.strictObject({ id: z.string() }), z.strictObject({ url: z.string() })], {
  error: "expected an object with the backend's id or url",
});

function notFound(sentence: string, name: string, known: readonly string[]): AdminProblem {
  const meant = nearest(name, known);
  const hint = meant === undefined ? `There are: ${known.join(", ") || "none"}.` : `Did you mean ${meant}?`;
  return new AdminProblem("not-found", `${sentence} ${JSON.stringify(name)}. ${hint}`);
}

/** The pool of that name. Throws `AdminProblem`, with the nearest name, where there is none. */
export function findPool(control: ControlPlane, name = ""): PoolStatus {
  const pools = control.pools();
  const pool = pools.find((candidate) => candidate.name === name);
  if (pool !== undefined) return pool;
  const names = pools.map((candidate) => candidate.name);
  throw notFound("There is no pool", name, names);
}

/** Without the slash that a URL's origin gains and loses on its way through tools. */
function trimUrl(url: string): string {
  return url.replace(/\/$/, "").toLowerCase();
}

/** The backend of a pool that path, query or body name, by id or URL. Throws `AdminProblem` where there is none. */
export function findBackend(pool: PoolStatus, request: AdminRequest): BackendStatus {
  const name = namedBackend(request);
  const found = pool.backends.find(({ id, url }) => id === name || trimUrl(url) === trimUrl(name));
  if (found !== undefined) return found;
  const ids = pool.backends.map(({ id }) => id);
  throw notFound(`Pool ${pool.name} has no backend`, name, ids);
}

/** Path, query or body say which backend is meant, by id or URL. */
function namedBackend({ params, query, body }: AdminRequest): string {
  const name = params.id ?? query.get("id") ?? query.get("url");
  if (name !== null) return name;
  const named = parseInput(ONE_BACKEND, body, '{"id": "127.0.0.1:8001"}');
  return "id" in named ? named.id : named.url;
}
