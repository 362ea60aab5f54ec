import type { Target } from "./key.ts";

/** A URL, as far as one can be made of what came from outside. */
function parseUrl(reference: string, base?: string): URL | undefined {
  return URL.parse(reference, base) ?? undefined;
}

/** What a Location or Content-Location refers to, if that has the origin of the request (RFC 9111 §4.4); undefined otherwise. */
export function resolveTarget(reference: string, request: Target): Target | undefined {
  const base = parseUrl(`${request.scheme}://${request.host}${request.path}`);
  const url = base === undefined ? undefined : parseUrl(reference, base.href);
  if (base === undefined || url === undefined || url.origin !== base.origin) return undefined;
  return { scheme: request.scheme, host: request.host, path: url.pathname + url.search };
}

/** Whether a reference is the target of the request itself. */
export function isOwnTarget(reference: string, request: Target): boolean {
  const own = resolveTarget(request.path, request);
  return own !== undefined && resolveTarget(reference, request)?.path === own.path;
}
