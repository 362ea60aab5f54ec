import { getField, getFields } from "./fields.ts";
import { splitList } from "./lists.ts";
import { ifRangeHolds, type Validators } from "./validators.ts";

/** More ranges than this in one request are not worth their overhead, and were an attack (CVE-2011-3192). */
export const MAX_RANGES: number = 32;
/** Ranges with a smaller gap are sent as one: a part of a multipart body costs about as much (RFC 9110 §14.2 and §15.3.7.2). */
const PART_OVERHEAD = 80;

/** Byte positions, both inclusive, as Content-Range writes them. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/** A member of Range before the length is known: `first-`, `first-last`, or the last `suffix` bytes. */
export type RangeSpec =
  | { readonly kind: "from"; readonly first: number; readonly last: number | undefined }
  | { readonly kind: "suffix"; readonly length: number };

export type ParsedRange =
  | { readonly kind: "bytes"; readonly specs: readonly RangeSpec[] }
  | { readonly kind: "invalid"; readonly reason: "unknown-unit" | "malformed" | "too-many" };

/** What to send: all of it, some ranges of it (206), 416, or all of it because Range does not count, with the reason. */
export type RangePlan =
  | { readonly kind: "whole" }
  | { readonly kind: "ranges"; readonly ranges: readonly ByteRange[] }
  | { readonly kind: "unsatisfiable" }
  | {
      readonly kind: "ignore";
      readonly reason: "method" | "if-range" | "unknown-unit" | "malformed" | "too-many" | "repeated";
    };

const SPEC = /^(\d*)-(\d*)$/;
const WHOLE: RangePlan = { kind: "whole" };
const UNSATISFIABLE: RangePlan = { kind: "unsatisfiable" };

function parseSpec(text: string): RangeSpec | undefined {
  const [, first, last] = SPEC.exec(text) ?? [];
  if (first === undefined || last === undefined || (first === "" && last === "")) return undefined;
  if (first === "") return { kind: "suffix", length: Number(last) };
  if (last === "") return { kind: "from", first: Number(first), last: undefined };
  return Number(last) < Number(first) ? undefined : { kind: "from", first: Number(first), last: Number(last) };
}

/** Parses a Range value of unit "bytes" (RFC 9110 §14.1.2); one wrong member makes all of it invalid. */
export function parseRange(value: string): ParsedRange {
  const equals = value.indexOf("=");
  if (equals < 0) return { kind: "invalid", reason: "malformed" };
  if (value.slice(0, equals).toLowerCase() !== "bytes") return { kind: "invalid", reason: "unknown-unit" };
  const members = splitList(value.slice(equals + 1));
  if (members.length > MAX_RANGES) return { kind: "invalid", reason: "too-many" };
  const specs: RangeSpec[] = [];
  for (const member of members) {
    const spec = parseSpec(member);
    if (spec === undefined) return { kind: "invalid", reason: "malformed" };
    specs.push(spec);
  }
  return specs.length === 0 ? { kind: "invalid", reason: "malformed" } : { kind: "bytes", specs };
}

function resolveSpec(spec: RangeSpec, length: number): ByteRange | undefined {
  if (spec.kind === "suffix") {
    return spec.length === 0 ? undefined : { first: Math.max(0, length - spec.length), last: length - 1 };
  }
  if (spec.first >= length) return undefined;
  return { first: spec.first, last: Math.min(spec.last ?? length - 1, length - 1) };
}

/** Joins ranges that overlap or nearly touch, in ascending order; ranges with nothing to join keep the order that was asked for. */
function coalesce(ranges: readonly ByteRange[]): readonly ByteRange[] {
  const joined: ByteRange[] = [];
  for (const range of ranges.toSorted((a, b) => a.first - b.first)) {
    const previous = joined.at(-1);
    if (previous === undefined || range.first > previous.last + 1 + PART_OVERHEAD) joined.push(range);
    else joined[joined.length - 1] = { first: previous.first, last: Math.max(previous.last, range.last) };
  }
  return joined.length === ranges.length ? ranges : joined;
}

/** Applies a Range value to a representation of `length` bytes. What is invalid is ignored, as RFC 9110 §14.2 allows. */
export function resolveRange(value: string, length: number): RangePlan {
  const parsed = parseRange(value);
  if (parsed.kind === "invalid") return { kind: "ignore", reason: parsed.reason };
  if (length === 0) {
    // A suffix of nothing is all of nothing, which no Content-Range can tell.
    return parsed.specs.some((spec) => spec.kind === "suffix" && spec.length > 0) ? WHOLE : UNSATISFIABLE;
  }
  const ranges: ByteRange[] = [];
  for (const spec of parsed.specs) {
    const range = resolveSpec(spec, length);
    if (range !== undefined) ranges.push(range);
  }
  return ranges.length === 0 ? UNSATISFIABLE : { kind: "ranges", ranges: coalesce(ranges) };
}

/**
 * Decides what Range and If-Range of a request come to (RFC 9110 §14.2, §13.2.2 step 5); only after `evaluateConditions`
 * says proceed, and only for a 200 response.
 * @param length bytes of the whole representation
 */
export function planRange(
  method: string,
  fields: readonly string[],
  validators: Validators,
  length: number,
  now: number,
): RangePlan {
  const range = getField(fields, "range");
  if (range === undefined) return WHOLE;
  if (method !== "GET") return { kind: "ignore", reason: "method" };
  if (getFields(fields, "range").length > 1) return { kind: "ignore", reason: "repeated" };
  const ifRange = getField(fields, "if-range");
  if (ifRange !== undefined && !ifRangeHolds(ifRange, validators, now)) return { kind: "ignore", reason: "if-range" };
  return resolveRange(range, length);
}

/** Content-Range: `bytes 0-99/1234` for a 206; without `range`, for a 416, a "*" takes the place of the positions. */
export function contentRange(range: ByteRange | undefined, length: number): string {
  return range === undefined ? `bytes */${length}` : `bytes ${range.first}-${range.last}/${length}`;
}
