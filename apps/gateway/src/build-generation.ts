import { createKeyRing, createTrust } from "@headgate/admission";
import { type CachePolicy, compilePolicy } from "@headgate/cache";
import type { ConfigSnapshot } from "./config/snapshot.ts";
import type { Generation } from "./generation.ts";
import { type CompiledRoute, createRouter } from "./routing.ts";
import { OWN_FIELDS } from "./upstream/request-fields.ts";
import type { UpstreamPool } from "./upstream/upstream-pool.ts";

/** Where the pools that routes name are found. */
export interface PoolDirectory {
  /** The config has been checked: a route's pool exists. */
  get(name: string): UpstreamPool;
}

/**
 * Settles everything that requests need of a config.
 * @param secret of this process, mixed into the digests of API keys
 */
export function buildGeneration(config: ConfigSnapshot, pools: PoolDirectory, secret: string): Generation {
  const keys = createKeyRing(config.auth.apiKeys, secret);
  const trusted = createTrust(config.trustedProxies);
  const keyField = config.auth.header.toLowerCase();
  return {
    config,
    route: createRouter(config.routes.map((route) => compileRoute(route, config, pools))),
    keyField,
    withheldFields: OWN_FIELDS.with(keyField),
    identify: (presented) => keys.identify(presented),
    isTrusted: config.trustedProxies.length === 0 ? () => false : trusted,
  };
}

type RouteConfig = ConfigSnapshot["routes"][number];

function compileRoute(route: RouteConfig, config: ConfigSnapshot, pools: PoolDirectory): CompiledRoute {
  return {
    name: route.path,
    prefix: route.path.replace(/\/+$/, ""),
    host: route.host?.toLowerCase() ?? null,
    methods: route.methods === undefined ? null : new Set(route.methods),
    pool: pools.get(route.pool),
    auth: route.auth,
    cache: compileCache(route, config),
    mayPurge: route.cache === false || route.cache.purge === undefined ? null : createTrust(route.cache.purge.from),
    compression: route.compression,
    idempotencyKey: route.idempotencyKey,
  };
}

function compileCache({ cache }: RouteConfig, config: ConfigSnapshot): CachePolicy | null {
  if (cache === false || config.cache.entries === 0) return null;
  const { ttl, objectSize: maxObject, keep, setCookie, key, bypass, ignoreRequestControl } = cache;
  return compilePolicy({ ttl, maxObject, keep, setCookie, key, bypass, ignoreRequestControl });
}
