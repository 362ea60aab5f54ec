const SAFE: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "TRACE", "QUERY"]);

/** Methods that ask for no change of state (RFC 9110 §9.2.1, and QUERY). Methods are case-sensitive. */
export function isSafe(method: string): boolean {
  return SAFE.has(method);
}

/** Methods that have the same effect when done twice (RFC 9110 §9.2.2): these may be repeated after a lost connection. */
export function isIdempotent(method: string): boolean {
  return SAFE.has(method) || method === "PUT" || method === "DELETE";
}
