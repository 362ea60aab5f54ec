import { getField, hasField, mediaEssence } from "@headgate/http";
import { readContentRange } from "./content-range.ts";
import type { Demands } from "./demands.ts";
import { type Freshness, isExplicit, isHeuristicallyCacheable } from "./freshness.ts";
import type { CachePolicy } from "./policy.ts";
import type { ResponseControl } from "./response-control.ts";
import { isOwnTarget } from "./target.ts";
import type { CacheRequest } from "./types.ts";

/** Why a response is not stored. */
export type PassReason =
  | "method"
  | "status"
  | "request-body"
  | "request-no-store"
  | "no-store"
  | "must-understand"
  | "private"
  | "no-cache"
  | "authorization"
  | "set-cookie"
  | "cookie"
  | "vary-star"
  | "partial"
  | "event-stream"
  | "too-large"
  | "no-freshness"
  | "expired"
  | "incomplete";

export interface Candidate {
  readonly request: CacheRequest;
  readonly demands: Demands;
  readonly status: number;
  readonly fields: readonly string[];
  readonly control: ResponseControl;
  readonly freshness: Freshness;
  readonly policy: CachePolicy;
}

/** The final statuses whose rules for caches are kept here (RFC 9110 §15; 421, 426, 451 and the like have none of their own). */
const UNDERSTOOD: ReadonlySet<number> = new Set([
  200, 201, 202, 203, 204, 205, 206, 300, 301, 302, 303, 307, 308, 400, 401, 402, 403, 404, 405, 406, 408, 409, 410,
  411, 413, 414, 415, 417, 421, 422, 426, 428, 429, 431, 451, 500, 501, 502, 503, 504, 505, 511,
]);
/** Answers to conditions and ranges of one request. */
const OF_ONE_REQUEST: ReadonlySet<number> = new Set([304, 412, 416]);

/** A POST is reusable by GET only where it says that it is what GET would give, and for how long (RFC 9110 §9.3.3). */
function methodAllows({ request, status, fields, freshness }: Candidate): boolean {
  if (request.method === "GET" || request.method === "QUERY") return true;
  if (request.method !== "POST" || status !== 200 || !isExplicit(freshness.source)) return false;
  const location = getField(fields, "content-location");
  return location !== undefined && isOwnTarget(location, request);
}

function bodyAllows({ method, hasBody, bodyDigest }: CacheRequest): boolean {
  return method === "QUERY" ? bodyDigest !== undefined : method === "POST" || !hasBody;
}

function refusedByRequest(candidate: Candidate): PassReason | undefined {
  if (!methodAllows(candidate)) return "method";
  if (!bodyAllows(candidate.request)) return "request-body";
  return candidate.demands.control?.noStore === true ? "request-no-store" : undefined;
}

function refusedByStatus({
  request,
  demands,
  status,
  fields,
  control,
}: Omit<Candidate, "freshness">): PassReason | undefined {
  if (status < 200 || OF_ONE_REQUEST.has(status)) return "status";
  if (control.mustUnderstand && !UNDERSTOOD.has(status)) return "must-understand";
  if (status !== 206) return undefined;
  const isUsable = request.method === "GET" && demands.range && readContentRange(fields) !== undefined;
  return isUsable ? undefined : "partial";
}

function refusedByControl({ demands, control }: Pick<Candidate, "demands" | "control">): PassReason | undefined {
  // Whoever understands must-understand and the status leaves no-store aside (RFC 9111 §5.2.2.3).
  if (control.noStore && !control.mustUnderstand) return "no-store";
  if (control.isPrivate) return "private";
  const isShareable = control.isPublic || control.mustRevalidate || control.sMaxage !== undefined;
  return demands.authorization && !isShareable ? "authorization" : undefined;
}

function refusedByCookies({ fields, control, freshness, policy }: Candidate): PassReason | undefined {
  if (policy.setCookie === "store" || policy.setCookie === "strip") return undefined;
  if (!hasField(fields, "set-cookie") || control.withheld.includes("set-cookie")) return undefined;
  return policy.setCookie === "explicit" && isExplicit(freshness.source) ? undefined : "set-cookie";
}

function refusedByContent({ fields, freshness, policy }: Candidate): PassReason | undefined {
  // A stream of events has no end that could be stored.
  const type = isExplicit(freshness.source) ? undefined : getField(fields, "content-type");
  if (type !== undefined && mediaEssence(type) === "text/event-stream") return "event-stream";
  return Number(getField(fields, "content-length") ?? 0) > policy.maxObject ? "too-large" : undefined;
}

/** Without freshness only these may be stored at all (RFC 9111 §3), to be validated at each use. */
function refusedByFreshness({ status, control, freshness }: Candidate): PassReason | undefined {
  if (freshness.source !== "none" || control.isPublic || isHeuristicallyCacheable(status)) return undefined;
  return "status";
}

/**
 * What of `storingRefused` needs no more of the response than its status and directives: most of what is not stored, above
 * all `no-store`, is told by it before anything else is read. Undefined: the rest has to be asked.
 */
export function refusedAtOnce(input: Omit<Candidate, "freshness">): PassReason | undefined {
  const { method } = input.request;
  // What a POST gives may stand for GET, by its freshness too.
  if (method !== "GET" && method !== "QUERY") return undefined;
  if (!bodyAllows(input.request)) return "request-body";
  if (input.demands.control?.noStore === true) return "request-no-store";
  return refusedByStatus(input) ?? refusedByControl(input);
}

/** Whether RFC 9111 §3 and the policy let a response be stored; undefined: they do. Whether it is of use comes later. */
export function storingRefused(candidate: Candidate): PassReason | undefined {
  return (
    refusedByRequest(candidate) ??
    refusedByStatus(candidate) ??
    refusedByControl(candidate) ??
    refusedByCookies(candidate) ??
    refusedByContent(candidate) ??
    refusedByFreshness(candidate)
  );
}
