import { type ByteRange, getField, getFields, ifRangeHolds, resolveRange } from "@headgate/http";
import type { Demands } from "./demands.ts";
import type { CacheRequest, StoredEntry, StoredPart } from "./types.ts";

/** The answer that a stored part can give: itself, word for word, or a range of the representation that it holds. */
export type PartAnswer = { readonly kind: "replay" } | { readonly kind: "range"; readonly range: ByteRange };

const REPLAY: PartAnswer = { kind: "replay" };

/** The only range asked for, in positions of the whole; undefined where there are several or none. */
function soleRange(value: string, part: StoredPart): ByteRange | undefined {
  // Without the total a suffix means nothing, and open ranges none that we know to hold: those then lie beyond the part.
  const isPlain = /=\s*\d+-\d+\s*$/.test(value);
  if (part.total === undefined && !isPlain) return undefined;
  const plan = resolveRange(value, part.total ?? Number.MAX_SAFE_INTEGER);
  return plan.kind === "ranges" && plan.ranges.length === 1 ? plan.ranges[0] : undefined;
}

/**
 * What a stored 206 can answer: the very Range that it was the answer to, and any one range that lies wholly within it
 * (RFC 9111 §3.3), both only where If-Range allows a 206 at all.
 */
export function answerFromPart(
  entry: StoredEntry,
  part: StoredPart,
  request: CacheRequest,
  demands: Demands,
  now: number,
): PartAnswer | undefined {
  if (!demands.range || request.method !== "GET" || getFields(request.fields, "range").length > 1) return undefined;
  const ifRange = getField(request.fields, "if-range");
  if (ifRange !== undefined && !ifRangeHolds(ifRange, entry.validators, now)) return undefined;
  const asked = getField(request.fields, "range") ?? "";
  if (asked === part.asked) return REPLAY;
  const range = soleRange(asked, part);
  if (range === undefined || range.first < part.first || range.last > part.last) return undefined;
  // Fewer bytes may have come than Content-Range said; an answer may give fewer than asked, if it says so (RFC 9110 §15.3.7).
  const held = part.first + entry.body.length - 1;
  return range.first > held
    ? undefined
    : { kind: "range", range: { first: range.first, last: Math.min(range.last, held) } };
}
