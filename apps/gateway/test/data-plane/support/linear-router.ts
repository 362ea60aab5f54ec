import type { CompiledRoute, Router } from "../../../src/routing.ts";

/** What routing means, told as simply as can be: the first route in order that takes the request. */
export function linearRoute(routes: readonly CompiledRoute[]): Router["route"] {
  return (host, pathname, method, fields, path) => {
    const colon = host.lastIndexOf(":");
    const name = colon > host.lastIndexOf("]") ? host.slice(0, colon) : host;
    return routes.find(
      (route) =>
        (route.host === null || isOf(name, route.host)) &&
        (route.methods?.has(method) ?? true) &&
        isBelow(pathname, route.prefix) &&
        (route.conditions?.every((holds) => holds(fields, path)) ?? true),
    );
  };
}

function isOf(host: string, pattern: string): boolean {
  return pattern.startsWith("*.") ? host.length >= pattern.length && host.endsWith(pattern.slice(1)) : host === pattern;
}

function isBelow(pathname: string, prefix: string): boolean {
  if (!pathname.startsWith(prefix)) return false;
  return pathname.length === prefix.length || prefix === "" || pathname[prefix.length] === "/";
}
