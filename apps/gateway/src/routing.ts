import type { CachePolicy } from "@headgate/cache";
import type { Condition } from "./routing/conditions.ts";
import { RouteTable } from "./routing/route-table.ts";
import type { MirrorRule } from "./upstream/mirror-rule.ts";
import type { PoolSplit } from "./upstream/pool-split.ts";
import type { UpstreamPool } from "./upstream/upstream-pool.ts";

/** A route as the layers use it: what the config says, settled when it was loaded. */
export interface CompiledRoute {
  /** Its path, the name it has in logs and metrics. */
  readonly name: string;
  /** Without a trailing slash; empty for `/`. */
  readonly prefix: string;
  /** Lower case, without port; `*.example.com` for any name below it; null for any. */
  readonly host: string | null;
  /** Upper case; null for any. */
  readonly methods: ReadonlySet<string> | null;
  /** What else must hold, of fields, cookies and query; null for nothing. */
  readonly conditions: readonly Condition[] | null;
  /** Null where `split` says which. */
  readonly pool: UpstreamPool | null;
  readonly split: PoolSplit | null;
  /** Where copies of its requests go; null for nowhere. */
  readonly mirror: MirrorRule | null;
  readonly auth: "api-key" | "none";
  /** Null where the route does not cache. */
  readonly cache: CachePolicy | null;
  /** Whether its URLs may be answered by another pool too, so that what is stored is kept apart by pool. */
  readonly partitioned: boolean;
  /** Which addresses may send PURGE; null where it is not allowed at all. */
  readonly mayPurge: ((address: string) => boolean) | null;
  readonly compression: boolean;
  /** Whether an Idempotency-Key makes any method repeatable. */
  readonly idempotencyKey: boolean;
}

export interface Router {
  /**
   * The first route, in the config's order, that takes a request; undefined if none does.
   * @param host lower case, with or without a port
   * @param path the target with its query
   */
  readonly route: (
    host: string,
    pathname: string,
    method: string,
    fields: readonly string[],
    path: string,
  ) => CompiledRoute | undefined;
  /** All routes that a request may take by its host, path and method, whatever else it has; in order. */
  readonly routesOf: (host: string, pathname: string, method: string) => readonly CompiledRoute[];
}

/** @param routes in the config's order */
export function createRouter(routes: readonly CompiledRoute[]): Router {
  const table = new RouteTable(routes);
  const routesOf: Router["routesOf"] = (host, pathname, method) => table.all(host, pathname, method);
  const [only] = routes;
  // One route for everything is the default config: nothing to search.
  if (only !== undefined && routes.length === 1 && takesAll(only)) return { route: () => only, routesOf };
  return {
    route: (host, pathname, method, fields, path) => table.find(host, pathname, { method, fields, path }),
    routesOf,
  };
}

function takesAll({ prefix, host, methods, conditions }: CompiledRoute): boolean {
  return prefix === "" && host === null && methods === null && conditions === null;
}
