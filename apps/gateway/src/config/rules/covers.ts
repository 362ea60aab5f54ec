import type { ParsedConfig } from "../schema.ts";

type Route = ParsedConfig["routes"][number];
type Matches = Route["headers"];

/** Whether every request that `later` matches is matched by `earlier` as well. */
export function covers(earlier: Route, later: Route): boolean {
  return (
    coversPath(earlier.path, later.path) &&
    (earlier.host === undefined || earlier.host === later.host) &&
    (earlier.methods === undefined || (later.methods?.every((method) => earlier.methods?.includes(method)) ?? false)) &&
    coversMatches(lowerNames(earlier.headers), lowerNames(later.headers)) &&
    coversMatches(earlier.cookies, later.cookies) &&
    coversMatches(earlier.query, later.query)
  );
}

const coversPath = (prefix: string, path: string): boolean =>
  prefix === "/" || path === prefix || path.startsWith(`${prefix}/`);

/** Whatever the earlier route wants, the later one wants too, and no more of it. */
function coversMatches(earlier: Matches = {}, later: Matches = {}): boolean {
  return Object.entries(earlier).every(([name, wanted]) => coversValue(wanted, later[name]));
}

function coversValue(wanted: string | boolean, narrower: string | boolean | undefined): boolean {
  if (narrower === undefined) return false;
  if (typeof wanted === "boolean") return wanted === (narrower !== false);
  if (typeof narrower === "boolean") return false;
  return wanted.endsWith("*") ? narrower.startsWith(wanted.slice(0, -1)) : narrower === wanted;
}

function lowerNames(headers: Matches = {}): Matches {
  return Object.fromEntries(Object.entries(headers).map(([name, wanted]) => [name.toLowerCase(), wanted]));
}
