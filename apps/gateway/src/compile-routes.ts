import { createTrust } from "@headgate/admission";
import { type CachePolicy, compilePolicy } from "@headgate/cache";
import type { ConfigSnapshot } from "./config/snapshot.ts";
import { compileConditions } from "./routing/conditions.ts";
import { partitioned } from "./routing/partition.ts";
import type { CompiledRoute } from "./routing.ts";
import { hashKeyOf } from "./upstream/hash-key.ts";
import type { MirrorRule } from "./upstream/mirror-rule.ts";
import { type Assignment, PoolSplit, type Side } from "./upstream/pool-split.ts";
import { SAME_SITE, TokenCookie } from "./upstream/token-cookie.ts";
import type { UpstreamPool } from "./upstream/upstream-pool.ts";

/** Where the pools that routes name are found. */
export interface PoolDirectory {
  /** The config has been checked: a route's pool exists. */
  get(name: string): UpstreamPool;
}

type RouteConfig = ConfigSnapshot["routes"][number];

/**
 * Settles what requests need of the routes.
 * @param signing the secret of cookies for which the config names none; asked only where there is one
 */
export function compileRoutes(config: ConfigSnapshot, pools: PoolDirectory, signing: () => string): CompiledRoute[] {
  const policies = new Map<string, CachePolicy>();
  const routes = config.routes.map((route) => ({
    ...compileRoute(route, pools, signing),
    cache: compileCache(route, config, policies),
  }));
  const apart = partitioned(routes);
  return routes.map((route, index) => ({ ...route, partitioned: apart[index] === true }));
}

function compileRoute(route: RouteConfig, pools: PoolDirectory, signing: () => string) {
  return {
    name: route.path,
    prefix: route.path.replace(/\/+$/, ""),
    host: route.host?.toLowerCase() ?? null,
    methods: route.methods === undefined ? null : new Set(route.methods),
    conditions: compileConditions(route),
    pool: route.pool === undefined ? null : pools.get(route.pool),
    split: compileSplit(route, pools, signing),
    mirror: compileMirror(route, pools),
    auth: route.auth,
    mayPurge: route.cache === false || route.cache.purge === undefined ? null : createTrust(route.cache.purge.from),
    compression: route.compression,
    idempotencyKey: route.idempotencyKey,
  };
}

function compileSplit({ split, assign }: RouteConfig, pools: PoolDirectory, signing: () => string): PoolSplit | null {
  const sides = (split ?? [])
    .filter(({ weight }) => weight > 0)
    .map(({ pool: name, weight }): Side => ({ name, weight, pool: pools.get(name) }));
  const [first, ...others] = sides;
  return first === undefined ? null : new PoolSplit([first, ...others], compileAssignment(assign, signing));
}

function compileAssignment(assign: RouteConfig["assign"], signing: () => string): Assignment {
  if (assign === undefined || assign === false) return { by: "draw" };
  if ("by" in assign) return { by: "hash", key: hashKeyOf(assign.by, assign.name ?? "") };
  const { cookie: name, lifetime, path, sameSite, secure, secret = signing() } = assign;
  return {
    by: "cookie",
    secret,
    cookie: new TokenCookie({ name, lifetime, path, secure, sameSite: SAME_SITE[sameSite] }),
  };
}

function compileMirror({ mirror }: RouteConfig, pools: PoolDirectory): MirrorRule | null {
  return mirror === undefined ? null : { ...mirror, pool: pools.get(mirror.pool) };
}

/** Routes that cache alike have one policy: what is known of a client's fields under it holds for all of them. */
function compileCache(
  { cache }: RouteConfig,
  config: ConfigSnapshot,
  known: Map<string, CachePolicy>,
): CachePolicy | null {
  if (cache === false || config.cache.entries === 0) return null;
  const { ttl, objectSize: maxObject, keep, setCookie, key, bypass, ignoreRequestControl } = cache;
  const options = { ttl, maxObject, keep, setCookie, key, bypass, ignoreRequestControl };
  const told = JSON.stringify(options);
  const policy = known.get(told) ?? compilePolicy(options);
  known.set(told, policy);
  return policy;
}
