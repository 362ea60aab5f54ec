const NEEDS_WORK = /\/\/|\/\.{1,2}(?:\/|$)|[%;]/;
const ENCODED = /%[0-9a-f]{2}/gi;
const UNRESERVED = /[A-Za-z0-9._~-]/;

/** RFC 3986 §6.2.2.2: encoded unreserved characters mean the same decoded; slashes are decoded as many backends do. */
function decodeOne(encoded: string): string {
  const char = String.fromCharCode(Number.parseInt(encoded.slice(1), 16));
  if (UNRESERVED.test(char)) return char;
  return char === "/" || char === "\\" ? "/" : encoded.toUpperCase();
}

/**
 * The path as the most obliging backend would read it, for matching routes and never for sending: unreserved characters and
 * slashes (also `%5c`) decoded once, path parameters (`;x`) cut off, repeated slashes merged, dot segments removed.
 * So `/public/../secret`, `/public/%2e%2e/secret`, `/%73ecret`, `//secret`, `/public/..%2fsecret` and `/public/..;/secret`
 * all are `/secret`. A path that is in this form already is returned as the same string.
 */
export function normalizePathname(pathname: string): string {
  if (!NEEDS_WORK.test(pathname)) return pathname;
  const decoded = pathname.replace(ENCODED, decodeOne);
  const segments: string[] = [];
  let endsInSlash = false;
  for (const raw of decoded.split("/")) {
    const parameters = raw.indexOf(";");
    const segment = parameters < 0 ? raw : raw.slice(0, parameters);
    endsInSlash = segment === "" || segment === "." || segment === "..";
    if (segment === "..") segments.pop();
    else if (!endsInSlash) segments.push(segment);
  }
  return `/${segments.join("/")}${endsInSlash && segments.length > 0 ? "/" : ""}`;
}
