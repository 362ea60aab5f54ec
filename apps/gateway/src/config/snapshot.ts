import type { ParsedConfig } from "./schema.ts";

type ParsedListener = ParsedConfig["listeners"][number];
type ParsedRoute = ParsedConfig["routes"][number];

/** A listener with its addresses; `["*"]` is all of them. */
export type Listener = Omit<ParsedListener, "host"> & { host: string[] };

/** A route whose cache lifetime is settled: its own `ttl` or the cache's, in milliseconds. */
export type Route = Omit<ParsedRoute, "cache"> & { cache: false | { ttl: number } };

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

function settleRoute({ cache, ...route }: ParsedRoute, ttl: number): Route {
  if (cache === false) return { ...route, cache };
  return { ...route, cache: { ttl: cache === true ? ttl : (cache.ttl ?? ttl) } };
}

/** Settles what depends on another section, and freezes the whole. */
export function makeSnapshot(parsed: ParsedConfig, defaults: SnapshotDefaults): ConfigSnapshot {
  const config: Config = {
    ...parsed,
    listeners: parsed.listeners.map(({ port, host, ...rest }) => ({ port, host: host ?? hosts(defaults), ...rest })),
    routes: parsed.routes.map((route) => settleRoute(route, parsed.cache.ttl)),
  };
  return deepFreeze(config);
}
