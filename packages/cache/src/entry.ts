import { type FieldList, getField, removeField, setField } from "@headgate/http";
import { entrySize } from "./entry-size.ts";
import type { EntryHead, StoredEntry } from "./types.ts";

/** An entry, or why the body that came makes none. */
export type EntryPlan =
  | { readonly kind: "entry"; readonly entry: StoredEntry }
  | { readonly kind: "pass"; readonly reason: "incomplete" };

const INCOMPLETE: EntryPlan = { kind: "pass", reason: "incomplete" };

/** Puts a head and its body together and works out the size. */
export function makeEntry(head: EntryHead, body: Buffer): StoredEntry {
  return entryOf(head, body, entrySize(head, body.length));
}

/**
 * An entry of a known size. Written out, so that V8 puts all of it into one object; what each hit reads comes first, so that it lies
 * together.
 */
export function entryOf(head: EntryHead, body: Buffer, size: number): StoredEntry {
  return {
    status: head.status,
    fields: head.fields,
    lines: undefined,
    told: 0,
    body,
    part: head.part,
    bornAt: head.bornAt,
    expiresAt: head.expiresAt,
    keepUntil: head.keepUntil,
    shared: head.shared,
    identity: head.identity,
    vary: head.vary,
    language: head.language,
    assumed: head.assumed,
    noCache: head.noCache,
    backend: head.backend,
    size,
    receivedAt: head.receivedAt,
    tags: head.tags,
    validators: head.validators,
    lastModified: head.lastModified,
    immutable: head.immutable,
    stale: head.stale,
    staleWhileRevalidate: head.staleWhileRevalidate,
    staleIfError: head.staleIfError,
  };
}

/** The chunks of a body as one buffer of its own: a slice would hold on to all of the larger buffer that it was cut from. */
export function joinBody(chunks: readonly Uint8Array[]): Buffer {
  const body = Buffer.allocUnsafeSlow(chunks.reduce((length, chunk) => length + chunk.length, 0));
  let end = 0;
  for (const chunk of chunks) {
    body.set(chunk, end);
    end += chunk.length;
  }
  return body;
}

function withField(fields: readonly string[], name: string, value: string): FieldList {
  const changed = [...fields];
  setField(changed, name, value);
  return changed;
}

/** The 200 that a 206 with all of the representation amounts to (RFC 9110 §15.3.7.3). */
export function wholeHead(head: EntryHead, length: number): EntryHead {
  const fields = withField(head.fields, "Content-Length", String(length));
  removeField(fields, "content-range");
  return { ...head, status: 200, part: null, fields };
}

function finishPart(head: EntryHead, body: Buffer): EntryPlan {
  const { first, last, total } = head.part ?? { first: 0, last: -1, total: undefined };
  if (body.length === 0 || body.length > last - first + 1) return INCOMPLETE;
  const isWhole = first === 0 && body.length === total;
  return { kind: "entry", entry: makeEntry(isWhole ? wholeHead(head, body.length) : head, body) };
}

/**
 * Makes the entry once the whole body is here; a body of another length than announced makes none. A 206 may hold less than
 * its Content-Range says; answers from it are then cut to what came.
 * @param body see `joinBody`; call this only where the response ended as its framing says
 */
export function finishEntry(head: EntryHead, body: Buffer): EntryPlan {
  const announced = getField(head.fields, "content-length");
  if (announced !== undefined && Number(announced) !== body.length) return INCOMPLETE;
  if (head.part !== null) return finishPart(head, body);
  const needsLength = announced === undefined && head.status !== 204;
  const fields = needsLength ? withField(head.fields, "Content-Length", String(body.length)) : head.fields;
  return { kind: "entry", entry: makeEntry({ ...head, fields }, body) };
}
