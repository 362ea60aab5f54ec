import type { CachePolicy } from "@headgate/cache";
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
  readonly pool: UpstreamPool;
  readonly auth: "api-key" | "none";
  /** Null where the route does not cache. */
  readonly cache: CachePolicy | null;
  /** Which addresses may send PURGE; null where it is not allowed at all. */
  readonly mayPurge: ((address: string) => boolean) | null;
  readonly compression: boolean;
  /** Whether an Idempotency-Key makes any method repeatable. */
  readonly idempotencyKey: boolean;
}

/** The first route, in the config's order, that takes this host, path and method; undefined if none does. */
export type Router = (host: string, pathname: string, method: string) => CompiledRoute | undefined;

/** @param routes in the config's order */
export function createRouter(routes: readonly CompiledRoute[]): Router {
  const only = routes.length === 1 ? routes[0] : undefined;
  // One route for everything is the default config: nothing to search.
  if (only !== undefined && only.prefix === "" && only.host === null && only.methods === null) return () => only;
  return (host, pathname, method) => {
    const name = withoutPort(host);
    for (const route of routes) if (takes(route, name, pathname, method)) return route;
    return undefined;
  };
}

function takes(route: CompiledRoute, host: string, pathname: string, method: string): boolean {
  if (route.host !== null && !isOf(host, route.host)) return false;
  if (route.methods !== null && !route.methods.has(method)) return false;
  return isBelow(pathname, route.prefix);
}

function isOf(host: string, pattern: string): boolean {
  return pattern.startsWith("*.") ? host.length >= pattern.length && host.endsWith(pattern.slice(1)) : host === pattern;
}

/** A prefix by segments: `/public` takes `/public` and `/public/x`, not `/publicity`. */
function isBelow(pathname: string, prefix: string): boolean {
  if (!pathname.startsWith(prefix)) return false;
  return pathname.length === prefix.length || prefix === "" || pathname.charCodeAt(prefix.length) === 0x2f;
}

function withoutPort(host: string): string {
  const colon = host.lastIndexOf(":");
  return colon > host.lastIndexOf("]") ? host.slice(0, colon) : host;
}
