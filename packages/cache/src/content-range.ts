import { getField } from "@headgate/http";

/** What Content-Range says: inclusive positions, and the length of the whole, undefined for "*". */
export interface ContentRange {
  readonly first: number;
  readonly last: number;
  readonly total: number | undefined;
}

const BYTES = /^bytes (\d+)-(\d+)\/(\d+|\*)$/i;

/** Reads Content-Range of a 206; undefined where it is missing, of another unit, or makes no sense (RFC 9110 §14.4). */
export function readContentRange(fields: readonly string[]): ContentRange | undefined {
  const [, first, last, total] = BYTES.exec(getField(fields, "content-range") ?? "") ?? [];
  if (first === undefined) return undefined;
  const range = { first: Number(first), last: Number(last), total: total === "*" ? undefined : Number(total) };
  const isSound = range.first <= range.last && range.last < (range.total ?? Number.POSITIVE_INFINITY);
  return isSound ? range : undefined;
}
