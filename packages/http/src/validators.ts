import { parseHttpDate } from "./date.ts";
import { parseEntityTag, parseEntityTagList, strongMatch, weakMatch } from "./etag.ts";

/** What is known of the current representation. Times in ms since the epoch. */
export interface Validators {
  /** As written, `"abc"` or `W/"abc"`. */
  readonly etag?: string | undefined;
  readonly lastModified?: number | undefined;
  /** When the response was made (its Date field, or else when it was received). */
  readonly date?: number | undefined;
}

type Match = (a: string, b: string) => boolean;

function listHolds(value: string, etag: string | undefined, match: Match): boolean {
  const list = parseEntityTagList(value);
  return list.kind === "any" || (etag !== undefined && list.tags.some((tag) => match(tag, etag)));
}

/** If-Match: one of the tags is the current one, compared strongly, or "*" (RFC 9110 §13.1.1). */
export function ifMatchHolds(value: string, etag: string | undefined): boolean {
  return listHolds(value, etag, strongMatch);
}

/** If-None-Match: none of the tags is the current one, compared weakly; "*" never holds (RFC 9110 §13.1.2). */
export function ifNoneMatchHolds(value: string, etag: string | undefined): boolean {
  return !listHolds(value, etag, weakMatch);
}

/**
 * If-Modified-Since: whether the representation is newer than the date; undefined where the field is to be ignored, because
 * it is no date or nothing is known (RFC 9110 §13.1.3). Without Last-Modified the Date is compared (RFC 9111 §4.3.2).
 */
export function ifModifiedSinceHolds(value: string, validators: Validators, now: number): boolean | undefined {
  const since = parseHttpDate(value, now);
  const modified = validators.lastModified ?? validators.date;
  return since === undefined || modified === undefined ? undefined : modified > since;
}

/** If-Unmodified-Since: not newer than the date; undefined where it is to be ignored (RFC 9110 §13.1.4). */
export function ifUnmodifiedSinceHolds(value: string, validators: Validators, now: number): boolean | undefined {
  const since = parseHttpDate(value, now);
  if (since === undefined || validators.lastModified === undefined) return undefined;
  return validators.lastModified <= since;
}

/**
 * If-Range: the tag matches strongly, or the date is exactly a Last-Modified that is strong by being at least a second
 * older than Date (RFC 9110 §13.1.5, §8.8.2.2).
 */
export function ifRangeHolds(value: string, validators: Validators, now: number): boolean {
  const tag = parseEntityTag(value);
  if (tag !== undefined) return validators.etag !== undefined && strongMatch(tag, validators.etag);
  const { lastModified, date } = validators;
  if (lastModified === undefined || date === undefined || date - lastModified < 1000) return false;
  return parseHttpDate(value, now) === lastModified;
}
