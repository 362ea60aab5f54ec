import type { FieldList } from "./fields.ts";
import { TOKEN_OCTETS, VALUE_OCTETS } from "./octets.ts";
import type { ResponseFaultCode } from "./response-fault.ts";

const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SP = 0x20;
const COLON = 0x3a;

/**
 * Reads field lines from `start` to the end of `text`, each with its CRLF, and appends them to `fields`. `text` holds one
 * character per octet. No folded lines, no space before a colon, no control character (RFC 9112 §5).
 */
export function readFields(text: string, start: number, fields: FieldList): ResponseFaultCode | null {
  const { length } = text;
  for (let at = start; at < length; ) {
    let colon = at;
    while (TOKEN_OCTETS[text.charCodeAt(colon)] === 1) colon += 1;
    if (colon === at || text.charCodeAt(colon) !== COLON) return "malformed-field-name";
    let from = colon + 1;
    while (isOws(text.charCodeAt(from))) from += 1;
    let end = from;
    while (VALUE_OCTETS[text.charCodeAt(end)] === 1) end += 1;
    if (text.charCodeAt(end) !== CR || text.charCodeAt(end + 1) !== LF) return "malformed-field-value";
    const next = end + 2;
    while (end > from && isOws(text.charCodeAt(end - 1))) end -= 1;
    fields.push(text.slice(at, colon), text.slice(from, end));
    at = next;
  }
  return null;
}

function isOws(code: number): boolean {
  return code === SP || code === TAB;
}
