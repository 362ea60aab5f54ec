import { isAuthority } from "./authority.ts";
import { normalizePathname } from "./path.ts";

export type TargetRefusalCode = "invalid-target" | "method-not-allowed" | "uri-too-long";

/** What a request asks for. */
export type TargetPlan =
  | {
      readonly kind: "accept";
      /** Path and query as the client wrote them, to be sent upstream; begins with "/". */
      readonly path: string;
      /** The path alone, as written. */
      readonly pathname: string;
      /** For matching routes, see `normalizePathname`; the same string as `pathname` where nothing had to be done. */
      readonly normalizedPathname: string;
      /** Without "?"; empty where there is none. */
      readonly query: string;
      /** The lower-cased authority, with its port where one is written; empty for HTTP/1.0 without Host. */
      readonly host: string;
    }
  /** `OPTIONS *`: asks about the gateway as a whole (RFC 9110 §9.3.7), so it is answered here. */
  | { readonly kind: "asterisk"; readonly host: string }
  | {
      readonly kind: "refuse";
      readonly status: 400 | 405 | 414;
      readonly code: TargetRefusalCode;
      readonly detail: string;
    };

/** RFC 9110 §4.1 wants at least 8000 octets to be supported. */
export const MAX_TARGET_LENGTH: number = 8192;

// Visible octets but "#"; backslash may stand in a query only, where browsers send it raw and nobody takes it for a slash.
const PATHNAME = /^\/[!"$-[\]-~\x80-\xff]*$/;
const QUERY = /^[!"$-~\x80-\xff]*$/;
const ABSOLUTE = /^https?:\/\/([^/?#]*)(.*)$/i;

/**
 * Decides what a request target means. A target that begins with "/" is a path, also where it begins with two ("//evil/x"
 * names no host). An absolute-form target is taken apart, and its authority wins over Host (RFC 9112 §3.2.2).
 *
 * Neither percent-encoding nor dot segments are changed in what is sent, since a backend may tell them apart. Routes are
 * matched by `normalizedPathname`; where it differs from `pathname`, both must lead to the same route, otherwise the backend
 * could read the path as that of a route with stricter rules: such a request is to be refused (`ambiguous-path`).
 * @param hostField the Host field as `planFraming` has accepted it
 * @param maxLength characters; a longer target is refused with 414
 */
export function planTarget(
  method: string,
  rawTarget: string,
  hostField: string | undefined,
  maxLength: number = MAX_TARGET_LENGTH,
): TargetPlan {
  if (method === "CONNECT") return refuse(405, "method-not-allowed", "CONNECT is not supported: this is no tunnel.");
  if (rawTarget.length > maxLength) {
    return refuse(
      414,
      "uri-too-long",
      `The target has ${rawTarget.length} characters; at most ${maxLength} are taken.`,
    );
  }
  if (rawTarget.charCodeAt(0) === 0x2f) return accept(rawTarget, lowerHost(hostField));
  if (rawTarget === "*") return asterisk(method, lowerHost(hostField));
  return planAbsolute(method, rawTarget);
}

function refuse(status: 400 | 405 | 414, code: TargetRefusalCode, detail: string): TargetPlan {
  return { kind: "refuse", status, code, detail };
}

/** "host:" with an empty port means the same as "host". */
function lowerHost(host: string | undefined): string {
  if (host === undefined) return "";
  const lower = host.toLowerCase();
  return lower.endsWith(":") ? lower.slice(0, -1) : lower;
}

function accept(path: string, host: string): TargetPlan {
  const mark = path.indexOf("?");
  const pathname = mark < 0 ? path : path.slice(0, mark);
  const query = mark < 0 ? "" : path.slice(mark + 1);
  if (!PATHNAME.test(pathname) || !QUERY.test(query)) {
    const expected = 'expected no fragment ("#"), space or control character, and no backslash in the path';
    return refuse(400, "invalid-target", `The target holds a character that it must not hold; ${expected}.`);
  }
  return { kind: "accept", path, pathname, normalizedPathname: normalizePathname(pathname), query, host };
}

function asterisk(method: string, host: string): TargetPlan {
  if (method === "OPTIONS") return { kind: "asterisk", host };
  return refuse(400, "invalid-target", 'The target "*" is for OPTIONS only.');
}

function planAbsolute(method: string, rawTarget: string): TargetPlan {
  const [, authority = "", rest = ""] = ABSOLUTE.exec(rawTarget) ?? [];
  if (!isAuthority(authority)) {
    return refuse(400, "invalid-target", 'The target is neither a path that begins with "/" nor an http or https URL.');
  }
  const host = lowerHost(authority);
  if (rest === "" && method === "OPTIONS") return { kind: "asterisk", host };
  return accept(rest.startsWith("/") ? rest : `/${rest}`, host);
}
