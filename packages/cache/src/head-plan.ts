import { getField } from "@headgate/http";
import type { ResponseInput } from "./entry-head.ts";
import { expired } from "./purge.ts";
import { freshen } from "./revalidation.ts";
import type { StoredEntry } from "./types.ts";

/** What a response to HEAD makes of a stored GET (RFC 9111 §4.3.5); "update" and "stale" replace the entry in the store. */
export type HeadPlan =
  | { readonly kind: "keep"; readonly reason: "status" }
  | { readonly kind: "update"; readonly entry: StoredEntry }
  | { readonly kind: "stale"; readonly entry: StoredEntry; readonly reason: "changed" | "not-storable" };

const DESCRIBING = ["etag", "last-modified", "content-length"];

/** Whether what the HEAD response says of the representation is what the entry says. */
function isUnchanged(entry: StoredEntry, fields: readonly string[]): boolean {
  return DESCRIBING.every((name) => {
    const received = getField(fields, name);
    return received === undefined || received === getField(entry.fields, name);
  });
}

/**
 * Applies a response to HEAD to the entry that would have answered it as a GET: updates it where nothing has changed, and
 * makes it stale otherwise.
 */
export function planHead(entry: StoredEntry, input: ResponseInput): HeadPlan {
  if (input.status !== 200 || entry.status !== 200) return { kind: "keep", reason: "status" };
  const stale = expired(entry, input.responseTime);
  if (!isUnchanged(entry, input.fields)) return { kind: "stale", entry: stale, reason: "changed" };
  const { entry: fresh, unstored } = freshen(entry, input);
  return unstored === undefined
    ? { kind: "update", entry: fresh }
    : { kind: "stale", entry: stale, reason: "not-storable" };
}
