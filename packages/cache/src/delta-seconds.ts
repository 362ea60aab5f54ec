import { joinField, trimOws } from "@headgate/http";

/** What a larger value counts as, in seconds (RFC 9111 §1.2.2). */
const LARGEST = 2 ** 31;
const DIGITS = /^\d+$/;

/** Parses delta-seconds into ms; undefined where it is anything but digits (RFC 9111 §1.2.2). */
export function parseDeltaSeconds(text: string): number | undefined {
  return DIGITS.test(text) ? Math.min(Number(text), LARGEST) * 1000 : undefined;
}

/** The Age of a response in ms: the first member counts, and an invalid one is ignored (RFC 9111 §5.1). */
export function readAge(fields: readonly string[]): number {
  const value = joinField(fields, "age");
  if (value === undefined) return 0;
  const comma = value.indexOf(",");
  return parseDeltaSeconds(trimOws(comma < 0 ? value : value.slice(0, comma))) ?? 0;
}
