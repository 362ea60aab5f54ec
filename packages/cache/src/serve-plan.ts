import {
  type ByteRange,
  contentRange,
  evaluateConditions,
  type FieldList,
  getField,
  planRange,
  removeField,
  setField,
} from "@headgate/http";
import type { Demands } from "./demands.ts";
import { multipartBody } from "./multipart.ts";
import { answerFromPart } from "./part.ts";
import { notModifiedFields } from "./stored-fields.ts";
import type { CacheRequest, StoredEntry, StoredPart } from "./types.ts";

/** What a client gets from an entry. The fields still lack Age, X-Cache and Cache-Status; `fields` of "whole" are the entry's own. */
export type ServePlan =
  | { readonly kind: "whole"; readonly status: number; readonly fields: readonly string[]; readonly body: Buffer }
  | { readonly kind: "head"; readonly status: number; readonly fields: readonly string[] }
  | { readonly kind: "not-modified"; readonly status: 304; readonly fields: FieldList }
  | {
      readonly kind: "partial";
      readonly status: 206;
      readonly fields: readonly string[];
      /** To be sent one after the other. */
      readonly body: readonly Buffer[];
    }
  | { readonly kind: "range-not-satisfiable"; readonly status: 416; readonly fields: FieldList };

/** 206 with one range, `body` being what lies there. */
function singleRange(entry: StoredEntry, range: ByteRange, total: number | undefined, body: Buffer): ServePlan {
  const fields = [...entry.fields];
  setField(
    fields,
    "Content-Range",
    total === undefined ? `bytes ${range.first}-${range.last}/*` : contentRange(range, total),
  );
  setField(fields, "Content-Length", String(body.length));
  return { kind: "partial", status: 206, fields, body: [body] };
}

function severalRanges(entry: StoredEntry, ranges: readonly ByteRange[], now: number): ServePlan {
  const { contentType, pieces, length } = multipartBody(
    entry.body,
    ranges,
    getField(entry.fields, "content-type"),
    now,
  );
  const fields = [...entry.fields];
  removeField(fields, "content-range");
  setField(fields, "Content-Type", contentType);
  setField(fields, "Content-Length", String(length));
  return { kind: "partial", status: 206, fields, body: pieces };
}

function notSatisfiable(entry: StoredEntry): ServePlan {
  const fields = notModifiedFields(entry.fields);
  fields.push("Content-Range", contentRange(undefined, entry.body.length), "Content-Length", "0");
  return { kind: "range-not-satisfiable", status: 416, fields };
}

function serveRange(request: CacheRequest, entry: StoredEntry, now: number): ServePlan | undefined {
  const plan = planRange(request.method, request.fields, entry.validators, entry.body.length, now);
  if (plan.kind === "unsatisfiable") return notSatisfiable(entry);
  if (plan.kind !== "ranges") return undefined;
  const [range, ...more] = plan.ranges;
  if (range === undefined || more.length > 0) return severalRanges(entry, plan.ranges, now);
  return singleRange(entry, range, entry.body.length, entry.body.subarray(range.first, range.last + 1));
}

function servePart(
  entry: StoredEntry,
  part: StoredPart,
  request: CacheRequest,
  demands: Demands,
  now: number,
): ServePlan {
  const answer = answerFromPart(entry, part, request, demands, now);
  if (answer?.kind !== "range") return { kind: "partial", status: 206, fields: entry.fields, body: [entry.body] };
  const { first, last } = answer.range;
  const body = entry.body.subarray(first - part.first, last + 1 - part.first);
  return singleRange(entry, answer.range, part.total, body);
}

function whole(request: CacheRequest, { status, fields, body }: StoredEntry): ServePlan {
  if (request.method === "HEAD") return { kind: "head", status, fields };
  return { kind: "whole", status, fields, body };
}

/**
 * Decides what of an entry a client gets, as to its conditions, Range and method (RFC 9111 §4.3.2, RFC 9110 §13 and §14). The
 * entry must be one that `planLookup` chose for this request, or that answered it from upstream.
 * @param now ms
 */
export function planServe(request: CacheRequest, demands: Demands, entry: StoredEntry, now: number): ServePlan {
  if (entry.part !== null) {
    if (demands.conditional && !isModified(request, entry, now)) return notModified(entry);
    return servePart(entry, entry.part, request, demands, now);
  }
  // Conditions and ranges are about a representation, which only a 200 has (RFC 9110 §13.2.1, §14.2).
  if (entry.status === 200) {
    if (demands.conditional && !isModified(request, entry, now)) return notModified(entry);
    if (demands.range) return serveRange(request, entry, now) ?? whole(request, entry);
  }
  return whole(request, entry);
}

function isModified(request: CacheRequest, { validators }: StoredEntry, now: number): boolean {
  return evaluateConditions(request.method, request.fields, validators, now).kind !== "not-modified";
}

function notModified(entry: StoredEntry): ServePlan {
  return { kind: "not-modified", status: 304, fields: notModifiedFields(entry.fields) };
}
