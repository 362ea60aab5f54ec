import { DEFAULT_POOL } from "./schema/routes.ts";
import { DEFAULT_ASSIGN } from "./schema/traffic.ts";
import type { ParsedConfig } from "./schema.ts";

type ParsedListener = ParsedConfig["listeners"][number];
type ParsedRoute = ParsedConfig["routes"][number];

/** A listener with its addresses; `["*"]` is all of them. */
export type Listener = Omit<ParsedListener, "host"> & { host: string[] };

type ParsedRouteCache = Exclude<ParsedRoute["cache"], boolean>;

/** A route that says all: its cache rules are its own or those of `cache`, and it has a pool, or a split with its assignment. */
export type Route = Omit<ParsedRoute, "cache"> & {
  cache: false | (ParsedRouteCache & { ttl: number; objectSize: number });
};

/** The effective config: all defaults filled in, durations in milliseconds, sizes in bytes, file paths absolute. */
export type Config = Omit<ParsedConfig, "listeners" | "routes"> & { listeners: Listener[]; routes: Route[] };

export type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;

/** A `Config` frozen to its leaves: what the data plane reads. A reload makes a new one. */
export type ConfigSnapshot = DeepReadonly<Config>;

function deepFreeze<T>(value: T): DeepReadonly<T> {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value as DeepReadonly<T>;
}

/** Addresses of a listener that names none: all with a config file, loopback alone without one. */
export interface SnapshotDefaults {
  host: "all" | "loopback";
}

const hosts = ({ host }: SnapshotDefaults): string[] => (host === "all" ? ["*"] : ["127.0.0.1", "::1"]);

function settleRoute({ cache, ...route }: ParsedRoute, { ttl, objectSize }: ParsedConfig["cache"]): Route {
  const { pool = DEFAULT_POOL, assign = DEFAULT_ASSIGN } = route;
  const target = route.split === undefined ? { pool } : { assign };
  if (cache === false) return { ...route, ...target, cache };
  const own = cache === true ? {} : cache;
  const rules = { ...own, ttl: own.ttl ?? ttl, objectSize: own.objectSize ?? objectSize };
  return { ...route, ...target, cache: rules };
}

/** Settles what depends on another section, and freezes the whole. */
export function makeSnapshot(parsed: ParsedConfig, defaults: SnapshotDefaults): ConfigSnapshot {
  const config: Config = {
    ...parsed,
    listeners: parsed.listeners.map(({ port, host, ...rest }) => ({ port, host: host ?? hosts(defaults), ...rest })),
    routes: parsed.routes.map((route) => settleRoute(route, parsed.cache)),
  };
  return deepFreeze(config);
}
