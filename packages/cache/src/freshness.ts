import { getField, hasField, parseHttpDate } from "@headgate/http";
import { readAge } from "./delta-seconds.ts";
import type { ResponseControl } from "./response-control.ts";

/** Where a lifetime comes from; "none": nothing says one, and none may be guessed. */
export type FreshnessSource = "s-maxage" | "max-age" | "expires" | "heuristic" | "default" | "none";

export interface Freshness {
  readonly source: FreshnessSource;
  /** ms from the response's making, not negative. */
  readonly lifetime: number;
}

export interface FreshnessInput {
  readonly status: number;
  readonly fields: readonly string[];
  readonly control: ResponseControl;
  /** When the response was made, ms. */
  readonly date: number;
  /** Lifetime where nothing else speaks, ms; 0: none. */
  readonly fallback: number;
  /** ms, for dates with two-digit years. */
  readonly now: number;
}

const DAY = 86_400_000;

/** RFC 9110 §15.1. */
const HEURISTIC: ReadonlySet<number> = new Set([200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 501]);
/** Where nobody spoke of caching at all, errors are not kept: they may be over by the next request. */
const ASSUMED: ReadonlySet<number> = new Set([200, 203, 204, 300, 301, 308]);

/** 10 % of the time since it last changed, as RFC 9111 §4.2.2 suggests, but a day at most. */
function guessLifetime(input: FreshnessInput): number | undefined {
  if (!HEURISTIC.has(input.status) && !input.control.isPublic) return undefined;
  const lastModified = dateField(input.fields, "last-modified", input.now);
  return lastModified === undefined ? undefined : Math.min((input.date - lastModified) / 10, DAY);
}

function positive(lifetime: number): number {
  return Math.max(0, lifetime);
}

/** The freshness lifetime for a shared cache: the first of RFC 9111 §4.2.1 that applies. */
export function freshnessOf(input: FreshnessInput): Freshness {
  const { control, fields, date } = input;
  if (control.sMaxage !== undefined) return { source: "s-maxage", lifetime: control.sMaxage };
  if (control.maxAge !== undefined) return { source: "max-age", lifetime: control.maxAge };
  if (!control.targeted && hasField(fields, "expires")) {
    // What is no date, "0" above all, lies in the past (RFC 9111 §5.3).
    return { source: "expires", lifetime: positive((dateField(fields, "expires", input.now) ?? date) - date) };
  }
  const guess = guessLifetime(input);
  if (guess !== undefined) return { source: "heuristic", lifetime: positive(guess) };
  if (input.fallback > 0 && ASSUMED.has(input.status)) return { source: "default", lifetime: input.fallback };
  return { source: "none", lifetime: 0 };
}

/** Whether the response itself says its lifetime. */
export function isExplicit(source: FreshnessSource): boolean {
  return source === "s-maxage" || source === "max-age" || source === "expires";
}

/** A date field in ms, the first of several; undefined where it is missing or invalid. */
export function dateField(fields: readonly string[], lowerName: string, now: number): number | undefined {
  const value = getField(fields, lowerName);
  return value === undefined ? undefined : parseHttpDate(value, now);
}

/** Whether a lifetime may be guessed, and thus the response stored, with this status alone. */
export function isHeuristicallyCacheable(status: number): boolean {
  return HEURISTIC.has(status);
}

/** corrected_initial_age of RFC 9111 §4.2.3, in ms. */
export function initialAge(fields: readonly string[], date: number, requestTime: number, responseTime: number): number {
  // Date has no parts of a second: only whole seconds of difference are age.
  const apparentAge = positive(responseTime - (responseTime % 1000) - date);
  return Math.max(apparentAge, readAge(fields) + responseTime - requestTime);
}
