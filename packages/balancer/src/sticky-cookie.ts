export interface StickyCookie {
  /** The cookie's name, for example `hg_backend`. */
  readonly name: string;
  /** How long the browser keeps it, ms; without one until it closes. */
  readonly lifetime?: number | undefined;
  /** Default `/`. */
  readonly path?: string | undefined;
  /** Sent over TLS only. */
  readonly secure?: boolean | undefined;
  /** Default `Lax`; `None` needs `secure`. */
  readonly sameSite?: "Strict" | "Lax" | "None" | undefined;
}

/** The Set-Cookie value that pins a session (RFC 6265bis §4.1.1); scripts cannot read it. */
export function setStickyCookie(cookie: StickyCookie, token: string): string {
  const { name, lifetime, path = "/", secure = false, sameSite = "Lax" } = cookie;
  const age = lifetime === undefined ? "" : `; Max-Age=${Math.floor(lifetime / 1000)}`;
  return `${name}=${token}; Path=${path}${age}; HttpOnly${secure ? "; Secure" : ""}; SameSite=${sameSite}`;
}

/** The value of the cookie `name` in a Cookie field's value; undefined when it is not there (RFC 6265bis §5.7). */
export function readCookie(field: string, name: string): string | undefined {
  for (const pair of field.split(";")) {
    const equals = pair.indexOf("=");
    if (equals >= 0 && pair.slice(0, equals).trim() === name) return pair.slice(equals + 1).trim();
  }
  return undefined;
}
