/**
 * A stricter `uri-host [":" port]` than RFC 3986 §3.2.2 has: no userinfo, and no sub-delims, percent-encoding or zone, which
 * no name in DNS has and which would have to be escaped again in Forwarded, redirects and logs.
 */
const AUTHORITY = /^(?:[a-z0-9._~-]{1,255}|\[[0-9a-f:.]{2,45}\])(?::\d{0,5})?$/i;

/** A host without brackets, and its port where it is written. */
export interface Authority {
  readonly host: string;
  readonly port: number | undefined;
}

/** Whether a value may stand in Host or as the authority of a target. */
export function isAuthority(value: string): boolean {
  return AUTHORITY.test(value);
}

/** Splits a checked authority: `[::1]:8080` is host `::1` and port 8080. An empty port is none. */
export function splitAuthority(authority: string): Authority {
  const colon = authority.lastIndexOf(":");
  const hasPort = colon > authority.lastIndexOf("]");
  const host = hasPort ? authority.slice(0, colon) : authority;
  const port = hasPort ? authority.slice(colon + 1) : "";
  return { host: host.startsWith("[") ? host.slice(1, -1) : host, port: port === "" ? undefined : Number(port) };
}
