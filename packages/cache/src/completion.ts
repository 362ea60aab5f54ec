import { type FieldList, getField, isWeak, parseEntityTag, strongMatch } from "@headgate/http";
import { readContentRange } from "./content-range.ts";
import type { Demands } from "./demands.ts";
import { storedFields, updatedFields } from "./stored-fields.ts";
import type { CacheRequest, StoredEntry } from "./types.ts";
import { without } from "./without.ts";

/** What to ask the origin for, so that a stored beginning becomes the whole. */
export interface CompletionDemand {
  /** Range, and If-Range where the part has a strong entity-tag. For `withCompletion`. */
  readonly ask: FieldList;
}

/** What the answer to a completion comes to. */
export type CompletionPlan =
  /** Send `fields` with this status, then the stored body, then the one that arrives. */
  | { readonly kind: "join"; readonly status: 200; readonly fields: FieldList; readonly prefix: Buffer }
  /** The answer stands for itself, like one to the client's own request. */
  | { readonly kind: "use" }
  /** The rest is of no use: drop it and send the client's own request. */
  | { readonly kind: "restart"; readonly reason: "validator" | "range" };

const USE: CompletionPlan = { kind: "use" };

function strongTag(etag: string | undefined): string | undefined {
  const tag = etag === undefined ? undefined : parseEntityTag(etag);
  return tag === undefined || isWeak(tag) ? undefined : tag;
}

/** Whether two responses are surely of the same bytes, so that parts of them may be joined (RFC 9110 §15.3.7.3). */
export function sameRepresentation(a: string | undefined, b: string | undefined): boolean {
  const tag = strongTag(a);
  return tag !== undefined && b !== undefined && strongMatch(tag, b);
}

/**
 * Whether the rest is asked for instead of everything (RFC 9111 §3.3): a plain GET, and a fresh beginning. Without a strong
 * entity-tag the rest can only be used where the origin answers with the whole after all.
 */
export function demandCompletion(
  entry: StoredEntry,
  request: CacheRequest,
  demands: Demands,
  now: number,
): CompletionDemand | undefined {
  const isPlain = request.method === "GET" && !demands.range && !demands.conditional;
  const { part } = entry;
  if (!isPlain || part === null || part.first !== 0 || part.total === undefined) return undefined;
  if (entry.noCache || now >= entry.expiresAt || demands.control?.noCache === true) return undefined;
  const ask = ["Range", `bytes=${entry.body.length}-`];
  const tag = strongTag(entry.validators.etag);
  if (tag !== undefined) ask.push("If-Range", tag);
  return { ask };
}

/** The fields of a request that asks for the rest. */
export function withCompletion(fields: readonly string[], ask: readonly string[]): FieldList {
  return without(fields, (name) => name === "range" || name === "if-range").concat(ask);
}

/** Decides what the answer to a completion is good for, from its head. */
export function planCompletion(entry: StoredEntry, status: number, fields: readonly string[]): CompletionPlan {
  if (status === 416) return { kind: "restart", reason: "range" };
  if (status !== 206) return USE;
  const range = readContentRange(fields);
  const total = entry.part?.total;
  if (range === undefined || range.first !== entry.body.length || range.total !== total || range.last + 1 !== total) {
    return { kind: "restart", reason: "range" };
  }
  if (!sameRepresentation(entry.validators.etag, getField(fields, "etag"))) {
    return { kind: "restart", reason: "validator" };
  }
  const updated = updatedFields(entry.fields, storedFields(fields, [], undefined));
  const joined = without(updated, (name) => name === "content-range" || name === "content-length");
  return { kind: "join", status: 200, fields: joined.concat("Content-Length", String(total)), prefix: entry.body };
}
