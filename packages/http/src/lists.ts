const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

function isOws(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

/** Removes optional white space (SP, HTAB) at both ends; `trim` would also take octets above 0x7f that are part of a value. */
export function trimOws(value: string): string {
  let start = 0;
  let end = value.length;
  while (start < end && isOws(value.charCodeAt(start))) start += 1;
  while (end > start && isOws(value.charCodeAt(end - 1))) end -= 1;
  return start === 0 && end === value.length ? value : value.slice(start, end);
}

/** The index of the next `separator` outside of quoted strings at or after `from`, or the length of `value`. */
export function nextUnquoted(value: string, separator: string, from: number): number {
  const wanted = separator.charCodeAt(0);
  let quoted = false;
  for (let i = from; i < value.length; i += 1) {
    const code = value.charCodeAt(i);
    if (code === QUOTE) quoted = !quoted;
    else if (quoted && code === BACKSLASH) i += 1;
    else if (code === wanted && !quoted) return i;
  }
  return value.length;
}

/**
 * The members of a list value, split at `separator` ("," by default) outside of quoted strings, trimmed; empty members are
 * dropped (RFC 9110 §5.6.1.2). An unclosed quote takes the rest as one member.
 */
export function splitList(value: string, separator = ","): string[] {
  const members: string[] = [];
  for (let start = 0; start <= value.length; ) {
    const end = nextUnquoted(value, separator, start);
    const member = trimOws(value.slice(start, end));
    if (member !== "") members.push(member);
    start = end + 1;
  }
  return members;
}

/** RFC 9110 §5.6.2: one or more tchar. */
export function isToken(s: string): boolean {
  return TOKEN.test(s);
}

/** Octets that a field value may hold: HTAB, visible ASCII, SP and obs-text; no NUL, CR, LF or other control (RFC 9110 §5.5). */
export function isFieldValue(s: string): boolean {
  return FIELD_VALUE.test(s);
}

/** Takes the quotes and escapes off a quoted-string (RFC 9110 §5.6.4); anything else comes back as it is. */
export function unquote(value: string): string {
  if (value.length < 2 || value[0] !== '"' || value.at(-1) !== '"') return value;
  const inner = value.slice(1, -1);
  return inner.includes("\\") ? inner.replace(/\\(.)/g, "$1") : inner;
}

/** A value as it stands where it is a token, and as a quoted-string otherwise. */
export function quoteIfNeeded(value: string): string {
  return isToken(value) ? value : `"${value.replace(/["\\]/g, "\\$&")}"`;
}
