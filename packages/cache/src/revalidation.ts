import { formatHttpDate, getField, hasField, isWeak, setField, weakMatch } from "@headgate/http";
import { makeEntry } from "./entry.ts";
import { type Assessment, assess, makeHead, type ResponseInput } from "./entry-head.ts";
import type { PassReason } from "./storable.ts";
import { planAssessed } from "./store-plan.ts";
import { updatedFields } from "./stored-fields.ts";
import type { StoredEntry, VaryTerm } from "./types.ts";

/** What a 304 that answers our conditions makes of an entry. */
export type RevalidationPlan =
  /** Serve the entry. Where `unstored` says why it may not be kept any longer, take the old one out of the store. */
  | { readonly kind: "refreshed"; readonly entry: StoredEntry; readonly unstored: PassReason | undefined }
  /** The 304 is about another representation: send the client's request again, without our conditions. */
  | { readonly kind: "unusable"; readonly reason: "validator" };

type Freshened = Extract<RevalidationPlan, { kind: "refreshed" }>;

const UNUSABLE: RevalidationPlan = { kind: "unusable", reason: "validator" };

/**
 * Whether a 304 is about this entry (RFC 9111 §4.3.4). One without validators is taken to be: it answers our own condition,
 * which named this entry alone, and many origins leave ETag out.
 */
function isAbout(entry: StoredEntry, fields: readonly string[]): boolean {
  const { etag } = entry.validators;
  const received = getField(fields, "etag");
  if (etag !== undefined && received !== undefined) {
    return isWeak(received) ? weakMatch(received, etag) : received === etag;
  }
  const modified = etag === undefined ? getField(fields, "last-modified") : undefined;
  return modified === undefined || entry.lastModified === undefined || modified === entry.lastModified;
}

/** The fields of an entry after a newer response about it; where that has no Date, it was made just now. */
function mergedFields(entry: StoredEntry, fields: readonly string[], responseTime: number): string[] {
  const merged = updatedFields(entry.fields, fields);
  if (!hasField(fields, "date")) setField(merged, "Date", formatHttpDate(responseTime));
  return merged;
}

/** What selected an entry stays what it was when the entry came. */
function keptTerms(entry: StoredEntry, vary: readonly VaryTerm[] | undefined): readonly VaryTerm[] | undefined {
  return vary?.map((term) => entry.vary.find(({ name }) => name === term.name) ?? term);
}

/** An entry with the fields of a newer response about it; its body, status and position stay. */
export function freshen(entry: StoredEntry, input: ResponseInput): Freshened {
  const { request } = input;
  const merged: ResponseInput = {
    ...input,
    request: request.method === "HEAD" ? { ...request, method: "GET" } : request,
    status: entry.status,
    fields: mergedFields(entry, input.fields, input.responseTime),
  };
  const read = assess(merged);
  const assessment: Assessment = { ...read, vary: keptTerms(entry, read.vary) };
  const plan = planAssessed(merged, assessment);
  const head = { ...makeHead(merged, assessment), part: entry.part };
  const unstored = plan.kind === "pass" ? plan.reason : undefined;
  return { kind: "refreshed", entry: makeEntry(head, entry.body), unstored };
}

/**
 * Applies a 304 to the entry that was asked about.
 * @param input the 304, with the request as the client sent it
 */
export function planRevalidated(entry: StoredEntry, input: ResponseInput): RevalidationPlan {
  return isAbout(entry, input.fields) ? freshen(entry, input) : UNUSABLE;
}
