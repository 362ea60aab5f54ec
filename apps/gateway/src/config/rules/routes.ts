import type { Finding } from "../errors.ts";
import { nearest } from "../nearest.ts";
import type { Path } from "../path.ts";
import { DEFAULT_POOL } from "../schema/routes.ts";
import { DEFAULT_ASSIGN } from "../schema/traffic.ts";
import type { ParsedConfig } from "../schema.ts";
import { covers } from "./covers.ts";
import { type Rule, repeats, verdict } from "./rule.ts";

type Route = ParsedConfig["routes"][number];

/** The pools that a route names, and where. */
function namedPools({ pool, split, mirror }: Route): { readonly at: Path; readonly name: string }[] {
  const own =
    split === undefined
      ? [{ at: ["pool"], name: pool ?? DEFAULT_POOL }]
      : split.map((side, index) => ({ at: ["split", index, "pool"], name: side.pool }));
  return mirror === undefined ? own : [...own, { at: ["mirror", "pool"], name: mirror.pool }];
}

/** A route names pools that are there. */
export const knownPools: Rule = ({ routes, pools }) => {
  if (routes === undefined || pools === undefined) return verdict();
  const names = Object.keys(pools);
  const used = routes.map(namedPools);
  const findings = used.flatMap((named, index) =>
    named
      .filter(({ name }) => !names.includes(name))
      .map(({ at, name }): Finding => ({ path: ["routes", index, ...at], ...unknownPool(name, names) })),
  );
  const idle = names.filter((name) => !used.flat().some((named) => named.name === name));
  return verdict(
    findings,
    idle.map((name) => `pools.${name} is named by no route: no request goes there.`),
  );
};

function unknownPool(name: string, names: readonly string[]): Omit<Finding, "path"> {
  const meant = nearest(name, names);
  const expected = names.length === 0 ? "a pool, but none is set" : `one of the pools: ${names.join(", ")}`;
  return { found: JSON.stringify(name), expected, hint: meant === undefined ? undefined : `did you mean ${meant}?` };
}

/** A pool has one share of a split. */
export const distinctSides: Rule = ({ routes = [] }) =>
  verdict(
    routes.flatMap(({ split = [] }, route) =>
      repeats(split, ({ pool }) => pool).map(({ index, first }) => ({
        path: ["routes", route, "split", index, "pool"],
        found: `${split[index]?.pool} a second time`,
        expected: `a pool of its own, since routes[${route}].split[${first}] has this one`,
      })),
    ),
  );

/** Browsers drop a cookie of SameSite=None that is not Secure. */
export const crossSiteSplits: Rule = ({ routes = [] }) =>
  verdict(
    routes.flatMap(({ assign }, index): Finding[] => {
      if (!assign || "by" in assign || assign.sameSite !== "none" || assign.secure === true) return [];
      const expected = `true, since routes[${index}].assign.sameSite is none`;
      return [{ path: ["routes", index, "assign", "secure"], found: String(assign.secure ?? "nothing"), expected }];
    }),
  );

/** The cookie of a split, and the pools that it may stand for. */
function cookieOf({ host, split, assign = DEFAULT_ASSIGN }: Route) {
  if (split === undefined || assign === false || "by" in assign) return null;
  return { host, name: assign.cookie, path: assign.path, pools: split.map(({ pool }) => pool) };
}

type SplitCookie = ReturnType<typeof cookieOf>;

/** Two splits of different pools that share a cookie undo each other's assignments. */
export const ownSplitCookies: Rule = ({ routes = [] }) => {
  const cookies = routes.map(cookieOf);
  return verdict(
    [],
    cookies.flatMap((cookie, index) => {
      const first = cookies.slice(0, index).findIndex((other) => clash(other, cookie));
      return first < 0
        ? []
        : [
            `routes[${index}].assign.cookie is that of routes[${first}], which is split over other pools: a client of both is assigned anew again and again. Give one of them another name or path.`,
          ];
    }),
  );
};

function clash(a: SplitCookie, b: SplitCookie): boolean {
  if (a === null || b === null || a.name !== b.name || a.path !== b.path) return false;
  const mayMeet = a.host === undefined || b.host === undefined || a.host === b.host;
  return mayMeet && !(a.pools.every((pool) => b.pools.includes(pool)) && a.pools.length === b.pools.length);
}

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
