import { isFor } from "./audience.ts";
import type { Demands } from "./demands.ts";
import { answerFromPart } from "./part.ts";
import type { CacheRequest, StoredEntry } from "./types.ts";
import { varyMatches } from "./vary.ts";

/** Why none of the entries of a URL may answer. */
export type MissReason = "uri-miss" | "vary-miss" | "identity-miss" | "cookie-miss" | "partial-miss";

/** The entry that answers a request, the part of a representation that a request wants more of, or why there is neither. */
export type Selection =
  | { readonly kind: "entry"; readonly entry: StoredEntry }
  | { readonly kind: "partial"; readonly entry: StoredEntry }
  | { readonly kind: "none"; readonly reason: MissReason };

const URI_MISS: Selection = { kind: "none", reason: "uri-miss" };

/** Why an entry may not answer a request; "none" where it may (RFC 9111 §4, as to who asks and how). */
function mismatch(entry: StoredEntry, request: CacheRequest, demands: Demands): MissReason | "none" {
  if (!isFor(entry, request.identity)) return "identity-miss";
  if (!varyMatches(entry.vary, request.fields, entry.language)) return "vary-miss";
  return entry.assumed && demands.cookie ? "cookie-miss" : "none";
}

/**
 * Chooses among the entries of a key the most recent that was selected by the same fields, for the same identity or for all.
 * @param variants newest first, as stores hold them
 */
export function selectEntry(
  request: CacheRequest,
  demands: Demands,
  variants: readonly StoredEntry[],
  now: number,
): Selection {
  let partial: StoredEntry | undefined;
  let reason: MissReason = "uri-miss";
  for (const entry of variants) {
    const why = mismatch(entry, request, demands);
    if (why !== "none") {
      // What is nearest to a hit tells most: it was the identity only if nothing else was wrong anywhere.
      if (reason === "uri-miss" || reason === "identity-miss") reason = why;
    } else if (entry.part === null || answerFromPart(entry, entry.part, request, demands, now) !== undefined) {
      return { kind: "entry", entry };
    } else {
      partial ??= entry;
      reason = "partial-miss";
    }
  }
  if (partial !== undefined) return { kind: "partial", entry: partial };
  return reason === "uri-miss" ? URI_MISS : { kind: "none", reason };
}
