import { type FieldList, getField, parseHttpDate } from "@headgate/http";

/** Retry-After (RFC 9110 §10.2.3) as ms from `now` (wall-clock ms); undefined where there is none that can be read. */
export function retryAfterOf(fields: FieldList, now: number): number | undefined {
  const value = getField(fields, "retry-after")?.trim();
  if (value === undefined) return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  const date = parseHttpDate(value, now);
  return date === undefined ? undefined : Math.max(0, date - now);
}
