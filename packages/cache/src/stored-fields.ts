import { endToEnd, type FieldList, formatHttpDate, hasField, setField } from "@headgate/http";
import { shareTexts } from "./shared-texts.ts";
import { without } from "./without.ts";

/** RFC 9111 §3.1: of one proxy only, or made anew for each answer (§5.1). */
const NEVER_STORED: readonly string[] = [
  "proxy-authenticate",
  "proxy-authentication-info",
  "proxy-authorization",
  "age",
];

/** RFC 9111 §3.2: describe the bytes that we hold, of which a 304 has none. */
const NEVER_UPDATED: ReadonlySet<string> = new Set([
  "content-encoding",
  "content-length",
  "content-md5",
  "content-digest",
  "content-range",
  "etag",
]);

/**
 * The fields of a response as they are stored: the end-to-end ones.
 * @param withheld lower-cased names to leave out
 * @param date ms, to stand for a Date that is missing or invalid (RFC 9110 §6.6.1); undefined where it is neither
 */
export function storedFields(
  fields: readonly string[],
  withheld: readonly string[],
  date: number | undefined,
): FieldList {
  const kept = without(endToEnd(fields), (name) => NEVER_STORED.includes(name) || withheld.includes(name));
  if (date !== undefined) setField(kept, "Date", formatHttpDate(date));
  shareTexts(kept);
  return kept;
}

/** Stored fields, each replaced by what a newer response has of that name, in full (RFC 9111 §3.2). */
export function updatedFields(stored: readonly string[], received: readonly string[]): FieldList {
  const newer = without(endToEnd(received), (name) => NEVER_UPDATED.has(name));
  const kept = without(stored, (name) => hasField(newer, name));
  return kept.concat(newer);
}

/**
 * The fields of a 304 from a stored 200 (RFC 9110 §15.4.5): what describes the content is left out, for the client has it,
 * but for Content-Location, and Last-Modified where there is no ETag to tell versions apart.
 */
export function notModifiedFields(stored: readonly string[]): FieldList {
  const hasETag = hasField(stored, "etag");
  return without(stored, (name) => {
    if (name === "last-modified") return hasETag;
    return name === "accept-ranges" || (name.startsWith("content-") && !REMAINING.has(name));
  });
}

/** `Content-` by name, but about the answer and not its content. */
const REMAINING: ReadonlySet<string> = new Set([
  "content-location",
  "content-security-policy",
  "content-security-policy-report-only",
]);
