const SP = 0x20;
const ZERO = 0x30;
/** `" HTTP/1.x"` */
const VERSION = " HTTP/1.";
/** Visible ASCII, as in a URI (RFC 3986 §2); what else it must be is said by `planTarget`. */
const TARGET = /^[!-~]+$/;
const VERSION_LENGTH: number = VERSION.length + 1;

/** The first line of a request (RFC 9112 §3). */
export interface RequestLine {
  readonly method: string;
  /** As written: `planTarget` says what it means, and whether it may be. */
  readonly target: string;
  readonly version: "1.0" | "1.1";
}

/**
 * Reads the line at the beginning of `text`: `method SP target SP HTTP/1.x CRLF`. Null where it is none, or its method is not
 * one of `methods`. `length` counts its CRLF.
 */
export function readRequestLine(
  text: string,
  methods: ReadonlySet<string>,
): (RequestLine & { readonly length: number }) | null {
  const end = text.indexOf("\r\n");
  const space = text.indexOf(" ");
  const versionAt = end - VERSION_LENGTH;
  if (space < 1 || versionAt <= space || !text.startsWith(VERSION, versionAt)) return null;
  const minor = text.charCodeAt(end - 1) - ZERO;
  const method = text.slice(0, space);
  const target = text.slice(space + 1, versionAt);
  if ((minor !== 0 && minor !== 1) || !methods.has(method) || !TARGET.test(target)) return null;
  return { method, target, version: minor === 1 ? "1.1" : "1.0", length: end + 2 };
}

/** Whether bytes that have come so far may be the beginning of a request line. */
export function maybeRequestLine(text: string, methods: ReadonlySet<string>): boolean {
  const space = text.indexOf(" ");
  if (space >= 0) return methods.has(text.slice(0, space)) && text.charCodeAt(space + 1) !== SP;
  for (const method of methods) if (method.startsWith(text)) return true;
  return false;
}
