import { isAuthority } from "./authority.ts";
import { isNamed } from "./fields.ts";
import { isFieldValue, splitList } from "./lists.ts";

export type HttpVersion = "1.0" | "1.1" | "2.0";

/** Why a request head is refused. After a refusal the connection must be closed: where the next request begins is unknown. */
export type FramingRefusalCode =
  | "malformed-request"
  | "expectation-failed"
  | "malformed-field"
  | "missing-host"
  | "repeated-host"
  | "invalid-host"
  | "length-with-transfer-encoding"
  | "repeated-content-length"
  | "invalid-content-length"
  | "content-too-large"
  | "invalid-transfer-encoding"
  | "unsupported-transfer-encoding"
  | "content-not-allowed";

/** How a request's content is delimited; `stream`: by the end of its HTTP/2 stream. */
export type FramingPlan =
  | { readonly kind: "none" }
  | { readonly kind: "length"; readonly length: number }
  | { readonly kind: "chunked" }
  | { readonly kind: "stream" }
  | {
      readonly kind: "refuse";
      readonly status: 400 | 413 | 417 | 501;
      readonly code: FramingRefusalCode;
      readonly detail: string;
    };

type Refusal = Extract<FramingPlan, { kind: "refuse" }>;

const NONE: FramingPlan = { kind: "none" };
const CHUNKED: FramingPlan = { kind: "chunked" };
const STREAM: FramingPlan = { kind: "stream" };
const DIGITS = /^\d+$/;
const MAX_DIGITS = 19;

function refuse(code: FramingRefusalCode, detail: string, status: 400 | 413 | 501 = 400): Refusal {
  return { kind: "refuse", status, code, detail };
}

/**
 * Decides how a request is framed, and refuses each head that two readers could read in two ways (request smuggling): the
 * rules of RFC 9112 §3.2, §5.2, §6.1 and §6.3 without their leniencies. In HTTP/2 `:authority` counts as Host (RFC 9113 §8.3.1).
 * @param checked values are known to hold no control character: `RequestParser` has read them
 */
export function planFraming(
  version: HttpVersion,
  method: string,
  fields: readonly string[],
  checked = false,
): FramingPlan {
  let host: string | undefined;
  let length: string | undefined;
  let coding: string | undefined;
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] ?? "";
    const value = fields[i + 1] ?? "";
    if (!checked && !isFieldValue(value)) return malformedField(name);
    if (isNamed(name, "host")) {
      if (host !== undefined && !(version === "2.0" && host === value)) return repeatedHost();
      host = value;
    } else if (name.length === 10 && name === ":authority") {
      if (host !== undefined && host !== value) return repeatedHost();
      host = value;
    } else if (isNamed(name, "content-length")) {
      if (length !== undefined) return repeatedLength();
      length = value;
    } else if (isNamed(name, "transfer-encoding")) {
      if (coding !== undefined) return repeatedCoding();
      coding = value;
    }
  }
  return checkHost(version, host) ?? planContent(version, method, length, coding);
}

function malformedField(name: string): Refusal {
  return refuse("malformed-field", `The field ${JSON.stringify(name)} holds a control character or a folded line.`);
}

function repeatedHost(): Refusal {
  return refuse("repeated-host", "The request names more than one host; expected one Host field.");
}

function repeatedLength(): Refusal {
  return refuse("repeated-content-length", "Content-Length is repeated; expected one field with one number.");
}

function repeatedCoding(): Refusal {
  return refuse("invalid-transfer-encoding", 'Transfer-Encoding is repeated; expected one field with "chunked".');
}

function checkHost(version: HttpVersion, host: string | undefined): Refusal | undefined {
  if (host === undefined) {
    if (version === "1.0") return undefined;
    return refuse("missing-host", "The request has no Host field, which HTTP/1.1 and later need.");
  }
  if (isAuthority(host)) return undefined;
  return refuse("invalid-host", "Host is not a host name or address with an optional port.");
}

function planContent(
  version: HttpVersion,
  method: string,
  length: string | undefined,
  coding: string | undefined,
): FramingPlan {
  if (coding !== undefined) return planCoding(version, method, length, coding);
  if (length === undefined) return version === "2.0" ? STREAM : NONE;
  const plan = planLength(length);
  if (plan.kind === "length" && plan.length > 0 && method === "TRACE") return contentInTrace();
  return plan;
}

function contentInTrace(): Refusal {
  return refuse("content-not-allowed", "A TRACE request must not have content (RFC 9110 §9.3.8).");
}

function planLength(value: string): FramingPlan {
  if (!DIGITS.test(value)) {
    if (value.includes(",")) return repeatedLength();
    return refuse("invalid-content-length", "Content-Length is not a decimal number of bytes.");
  }
  // More digits than a 64-bit number has: where others would wrap around.
  if (value.length > MAX_DIGITS)
    return refuse("invalid-content-length", "Content-Length has more digits than any length.");
  const length = Number(value);
  if (length <= Number.MAX_SAFE_INTEGER) return { kind: "length", length };
  return refuse("content-too-large", "Content-Length is larger than any content that could be handled.", 413);
}

function planCoding(version: HttpVersion, method: string, length: string | undefined, coding: string): FramingPlan {
  if (version !== "1.1") {
    return refuse("invalid-transfer-encoding", `Transfer-Encoding is not allowed in HTTP/${version}.`);
  }
  if (length !== undefined) {
    return refuse("length-with-transfer-encoding", "The request has both Content-Length and Transfer-Encoding.");
  }
  if (coding.toLowerCase() === "chunked") return method === "TRACE" ? contentInTrace() : CHUNKED;
  const codings = splitList(coding.toLowerCase());
  if (codings.at(-1) === "chunked" && codings.indexOf("chunked") === codings.length - 1 && codings.length > 1) {
    return refuse("unsupported-transfer-encoding", 'Only the transfer coding "chunked" is supported, and alone.', 501);
  }
  return refuse("invalid-transfer-encoding", 'Transfer-Encoding is not exactly "chunked".');
}
