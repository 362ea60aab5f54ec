import type { Finding } from "../errors.ts";
import { nearest } from "../nearest.ts";
import type { ParsedConfig } from "../schema.ts";
import { type Rule, verdict } from "./rule.ts";

type Route = ParsedConfig["routes"][number];

/** A route names a pool that is there. */
export const knownPools: Rule = ({ routes, pools }) => {
  if (routes === undefined || pools === undefined) return verdict();
  const names = Object.keys(pools);
  const findings = routes.flatMap(({ pool }, index): Finding[] => {
    if (names.includes(pool)) return [];
    const meant = nearest(pool, names);
    const expected = names.length === 0 ? "a pool, but none is set" : `one of the pools: ${names.join(", ")}`;
    const hint = meant === undefined ? undefined : `did you mean ${meant}?`;
    return [{ path: ["routes", index, "pool"], found: JSON.stringify(pool), expected, hint }];
  });
  const idle = names.filter((name) => !routes.some(({ pool }) => pool === name));
  return verdict(
    findings,
    idle.map((name) => `pools.${name} is named by no route: no request goes there.`),
  );
};

const coversPath = (prefix: string, path: string): boolean =>
  prefix === "/" || path === prefix || path.startsWith(`${prefix}/`);

/** Whether every request that `later` matches is matched by `earlier` as well. */
const covers = (earlier: Route, later: Route): boolean =>
  coversPath(earlier.path, later.path) &&
  (earlier.host === undefined || earlier.host === later.host) &&
  (earlier.methods === undefined || (later.methods?.every((method) => earlier.methods?.includes(method)) ?? false));

/** The first match wins, so a route below one that takes all its requests is never used. */
export const reachableRoutes: Rule = ({ routes = [] }) =>
  verdict(
    [],
    routes.flatMap((route, index) => {
      const first = routes.slice(0, index).findIndex((earlier) => covers(earlier, route));
      return first === -1
        ? []
        : [`routes[${index}] is never used: routes[${first}] takes all its requests. Put the narrower route first.`];
    }),
  );
