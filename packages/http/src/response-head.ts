import { readFields } from "./field-section.ts";
import { type FieldList, isNamed } from "./fields.ts";
import { splitList } from "./lists.ts";
import { VALUE_OCTETS } from "./octets.ts";
import type { ResponseFaultCode } from "./response-fault.ts";

const LF = 0x0a;
const CR = 0x0d;
const SP = 0x20;
const ZERO = 0x30;
const PREFIX = "HTTP/1.";
const STATUS_AT = 9;
const REASON_AT = 12;
const DIGITS = /^\d+$/;
const NONE: FieldList = [];
const TIMEOUT = /(?:^|[,\s])timeout=(\d+)/i;

/** What a response head says, but for its fields' meaning to others. One object serves many heads. */
export class ResponseHead {
  status = 0;
  fields: FieldList = NONE;
  /** Their lines as they came. */
  section = "";
  /** Content-Length; -1 without one. */
  length = -1;
  chunked = false;
  /** Whether the connection ends with this response, as it says: HTTP/1.0 or `Connection: close`. */
  closes = false;
  /** Whether it names a protocol to switch to. */
  upgrades = false;
  /** For how long the other side keeps the idle connection, ms, where it says so; -1 else. */
  keepAlive = -1;
  #coded = false;
  #lastHint = "";
  #lastKeepAlive = -1;

  /** Lets the fields go: a connection that waits for its next request must not keep those of its last response. */
  release(): void {
    this.fields = NONE;
    this.section = "";
  }

  /** Reads a head up to and with the CRLF of its last line; `text` holds one character per octet. */
  read(text: string): ResponseFaultCode | null {
    const end = endOfStatusLine(text);
    if (end < 0) return "malformed-status-line";
    this.status = Number(text.slice(STATUS_AT, REASON_AT));
    this.closes = text.charCodeAt(PREFIX.length) === ZERO;
    this.length = -1;
    this.chunked = false;
    this.#coded = false;
    this.upgrades = false;
    this.keepAlive = -1;
    this.fields = [];
    this.section = text.slice(end);
    return readFields(text, end, this.fields) ?? this.#notice();
  }

  #notice(): ResponseFaultCode | null {
    const { fields } = this;
    for (let i = 0; i < fields.length; i += 2) {
      const name = fields[i] as string;
      const value = fields[i + 1] as string;
      let fault: ResponseFaultCode | null = null;
      if (isNamed(name, "connection")) this.#connection(value);
      else if (isNamed(name, "keep-alive")) this.keepAlive = this.#hint(value);
      else if (isNamed(name, "content-length")) fault = this.#contentLength(value);
      else if (isNamed(name, "transfer-encoding")) fault = this.#transferEncoding(value);
      else if (isNamed(name, "upgrade")) this.upgrades = value !== "";
      if (fault !== null) return fault;
    }
    return this.#coded && this.length >= 0 ? "length-with-transfer-encoding" : null;
  }

  #connection(value: string): void {
    if (value === "keep-alive") return;
    if (value === "close" || splitList(value.toLowerCase()).includes("close")) this.closes = true;
  }

  /** A backend says the same each time. */
  #hint(value: string): number {
    if (value !== this.#lastHint) {
      const seconds = TIMEOUT.exec(value)?.[1];
      this.#lastHint = value;
      this.#lastKeepAlive = seconds === undefined ? -1 : Number(seconds) * 1000;
    }
    return this.#lastKeepAlive;
  }

  #contentLength(value: string): ResponseFaultCode | null {
    if (this.length >= 0) return "repeated-content-length";
    if (!DIGITS.test(value)) return "invalid-content-length";
    this.length = Number(value);
    return this.length <= Number.MAX_SAFE_INTEGER ? null : "invalid-content-length";
  }

  #transferEncoding(value: string): ResponseFaultCode | null {
    const coding = value.toLowerCase();
    if (this.#coded || (coding !== "chunked" && coding.includes("chunked"))) return "unsupported-transfer-encoding";
    this.#coded = true;
    this.chunked = coding === "chunked";
    // The end of the connection is the end of a body in any other coding (RFC 9112 §6.3).
    if (!this.chunked) this.closes = true;
    return null;
  }
}

/**
 * Where the line behind the status line begins: `HTTP/1.x SP 3DIGIT [SP reason] CRLF` (RFC 9112 §4). -1 for any other line, or
 * for one that has no end.
 */
export function endOfStatusLine(text: string): number {
  if (!text.startsWith(PREFIX)) return -1;
  const minor = text.charCodeAt(PREFIX.length) - ZERO;
  if ((minor !== 0 && minor !== 1) || text.charCodeAt(STATUS_AT - 1) !== SP) return -1;
  for (let i = STATUS_AT; i < REASON_AT; i += 1) {
    const digit = text.charCodeAt(i) - ZERO;
    if (!(digit >= (i === STATUS_AT ? 1 : 0) && digit <= 9)) return -1;
  }
  let end = REASON_AT;
  if (text.charCodeAt(end) === SP) while (VALUE_OCTETS[text.charCodeAt(end)] === 1) end += 1;
  return text.charCodeAt(end) === CR && text.charCodeAt(end + 1) === LF ? end + 2 : -1;
}

/** Whether bytes that have come so far may be the beginning of a status line. */
export function maybeStatusLine(text: string): boolean {
  return text.length < PREFIX.length ? PREFIX.startsWith(text) : text.startsWith(PREFIX);
}
