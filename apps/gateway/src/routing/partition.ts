import type { CompiledRoute } from "../routing.ts";

/** What of a route tells whether others answer its URLs too. */
export type Territory = Pick<CompiledRoute, "prefix" | "host" | "methods" | "conditions" | "pool" | "split">;

/**
 * For each route, whether the same URL may be answered by another pool, by what else a request has: then what is stored of
 * it is kept apart by pool. Where no route looks at more than host, path and method, none is.
 */
export function partitioned(routes: readonly Territory[]): boolean[] {
  const readers = routes.filter(reads);
  const narrow = readers.filter(looksFurther);
  if (narrow.length === 0) return routes.map(() => false);
  return routes.map((route) => {
    if (!reads(route)) return false;
    if (route.split !== null) return true;
    const others = looksFurther(route) ? readers : narrow;
    return others.some((other) => meet(route, other) && haveOtherPools(route, other));
  });
}

/** Whether requests that are answered from the cache come to it. */
function reads({ methods }: Territory): boolean {
  return methods === null || ["GET", "HEAD", "QUERY"].some((method) => methods.has(method));
}

/** Whether its URL alone does not say where a request goes, or GET and HEAD of one go different ways. */
function looksFurther({ conditions, split, methods }: Territory): boolean {
  return conditions !== null || split !== null || (methods !== null && methods.has("GET") !== methods.has("HEAD"));
}

function meet(a: Territory, b: Territory): boolean {
  return (holds(a.prefix, b.prefix) || holds(b.prefix, a.prefix)) && meetAt(a.host, b.host);
}

function holds(prefix: string, longer: string): boolean {
  return longer === prefix || longer.startsWith(`${prefix}/`);
}

function meetAt(a: string | null, b: string | null): boolean {
  if (a === null || b === null || a === b) return true;
  return (a.startsWith("*.") && b.endsWith(a.slice(1))) || (b.startsWith("*.") && a.endsWith(b.slice(1)));
}

function haveOtherPools(a: Territory, b: Territory): boolean {
  const own = poolNames(a);
  return poolNames(b).some((name) => !own.includes(name));
}

function poolNames({ pool, split }: Territory): string[] {
  return [...(pool === null ? [] : [pool.name]), ...(split?.sides.map(({ name }) => name) ?? [])];
}
