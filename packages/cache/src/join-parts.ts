import { setField } from "@headgate/http";
import { sameRepresentation } from "./completion.ts";
import { joinBody, makeEntry, wholeHead } from "./entry.ts";
import { updatedFields } from "./stored-fields.ts";
import type { StoredEntry, StoredPart } from "./types.ts";

/** A part of which every byte that its Content-Range announces is here, or undefined. */
function fullPart({ part, body }: StoredEntry): StoredPart | undefined {
  return part !== null && body.length === part.last - part.first + 1 ? part : undefined;
}

function joinedBody(older: StoredEntry, from: StoredPart, newer: StoredEntry, to: StoredPart): Buffer {
  const before = older.body.subarray(0, Math.max(0, to.first - from.first));
  const after = older.body.subarray(Math.min(older.body.length, Math.max(0, to.last + 1 - from.first)));
  return joinBody([before, newer.body, after]);
}

/**
 * Joins two stored parts of the same representation that overlap or touch (RFC 9111 §3.4); undefined where they must not or
 * cannot be joined. What describes them is the newer one's, and fields that only the older has stay.
 */
export function joinParts(older: StoredEntry, newer: StoredEntry): StoredEntry | undefined {
  const from = fullPart(older);
  const to = fullPart(newer);
  if (from === undefined || to === undefined || from.total !== to.total) return undefined;
  if (!sameRepresentation(older.validators.etag, newer.validators.etag)) return undefined;
  if (to.first > from.last + 1 || from.first > to.last + 1) return undefined;
  const body = joinedBody(older, from, newer, to);
  const part = {
    first: Math.min(from.first, to.first),
    last: Math.max(from.last, to.last),
    total: from.total,
    asked: undefined,
  };
  const fields = updatedFields(older.fields, newer.fields);
  const head = { ...newer, fields, part };
  if (body.length === part.total) return makeEntry(wholeHead(head, body.length), body);
  setField(fields, "Content-Range", `bytes ${part.first}-${part.last}/${part.total ?? "*"}`);
  setField(fields, "Content-Length", String(body.length));
  return makeEntry(head, body);
}
