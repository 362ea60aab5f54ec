import { getField, joinField } from "./fields.ts";
import {
  ifMatchHolds,
  ifModifiedSinceHolds,
  ifNoneMatchHolds,
  ifUnmodifiedSinceHolds,
  type Validators,
} from "./validators.ts";

/** The lower-cased name of the field that decided. */
export type ConditionField = "if-match" | "if-unmodified-since" | "if-none-match" | "if-modified-since";

/** What the preconditions of a request come to; `by` is the field that decided. */
export type ConditionPlan =
  | { readonly kind: "proceed" }
  | { readonly kind: "not-modified"; readonly by: ConditionField }
  | { readonly kind: "precondition-failed"; readonly by: ConditionField };

const PROCEED: ConditionPlan = { kind: "proceed" };

/** Whether a request carries a precondition at all (If-Range is not one of these: see `planRange`). */
export function hasConditions(fields: readonly string[]): boolean {
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] ?? "";
    if (name.length >= 8 && /^if-(?:match|none-match|modified-since|unmodified-since)$/i.test(name)) return true;
  }
  return false;
}

/**
 * Evaluates preconditions against the current representation in the order of RFC 9110 §13.2.2: If-Match, else
 * If-Unmodified-Since; then If-None-Match, else If-Modified-Since (GET and HEAD only). Call it only where the answer without
 * them would be 2xx or 412. If-Range is not evaluated here: see `planRange`.
 * @param now ms, for dates with two-digit years
 */
export function evaluateConditions(
  method: string,
  fields: readonly string[],
  validators: Validators,
  now: number,
): ConditionPlan {
  return evaluateMatch(fields, validators, now) ?? evaluateNoneMatch(method, fields, validators, now) ?? PROCEED;
}

function evaluateMatch(fields: readonly string[], validators: Validators, now: number): ConditionPlan | undefined {
  const ifMatch = joinField(fields, "if-match");
  if (ifMatch !== undefined) {
    return ifMatchHolds(ifMatch, validators.etag) ? undefined : { kind: "precondition-failed", by: "if-match" };
  }
  const since = getField(fields, "if-unmodified-since");
  if (since === undefined || ifUnmodifiedSinceHolds(since, validators, now) !== false) return undefined;
  return { kind: "precondition-failed", by: "if-unmodified-since" };
}

function evaluateNoneMatch(
  method: string,
  fields: readonly string[],
  validators: Validators,
  now: number,
): ConditionPlan | undefined {
  const reads = method === "GET" || method === "HEAD";
  const ifNoneMatch = joinField(fields, "if-none-match");
  if (ifNoneMatch !== undefined) {
    if (ifNoneMatchHolds(ifNoneMatch, validators.etag)) return undefined;
    return { kind: reads ? "not-modified" : "precondition-failed", by: "if-none-match" };
  }
  const since = reads ? getField(fields, "if-modified-since") : undefined;
  if (since === undefined || ifModifiedSinceHolds(since, validators, now) !== false) return undefined;
  return { kind: "not-modified", by: "if-modified-since" };
}
