import { makeEntry } from "../entry.ts";
import type { CacheKey, EntryHead, StoredEntry } from "../types.ts";

/** The time at which samples came, ms. */
export const NOW = 1_700_000_000_000;
/** How long samples are fresh, ms. */
export const FRESH = 60_000;
/** How long samples are of use, ms. */
export const USEFUL = 3_600_000;

/** The key of a path on a host of samples. */
export function sampleKey(path: string): CacheKey {
  return `http://h${path}` as CacheKey;
}

/** An entry with this text as body and entity-tag, whole, shared, without Vary; `changes` go over that. */
export function sampleEntry(text: string, changes: Partial<EntryHead> = {}): StoredEntry {
  const head: EntryHead = {
    status: 200,
    fields: ["Content-Type", "text/plain", "ETag", `"${text}"`, "Content-Length", String(text.length)],
    part: null,
    bornAt: NOW,
    receivedAt: NOW,
    expiresAt: NOW + FRESH,
    keepUntil: NOW + USEFUL,
    vary: [],
    shared: true,
    identity: null,
    tags: [],
    validators: { etag: `"${text}"`, lastModified: undefined, date: NOW },
    lastModified: undefined,
    language: undefined,
    noCache: false,
    immutable: false,
    stale: "allowed",
    staleWhileRevalidate: 0,
    staleIfError: 0,
    assumed: false,
    backend: "127.0.0.1:8000",
    ...changes,
  };
  return makeEntry(head, Buffer.from(text, "latin1"));
}

/** An entry that the request field Foo selected. */
export function sampleVariant(text: string, foo: string): StoredEntry {
  return sampleEntry(text, { vary: [{ name: "foo", raw: foo, value: foo }] });
}

/** A stored 206 of a representation of ten bytes. */
export function samplePart(text: string, first: number): StoredEntry {
  const validators = { etag: '"parts"', lastModified: undefined, date: NOW };
  const part = { first, last: first + text.length - 1, total: 10, asked: undefined };
  return sampleEntry(text, { status: 206, part, validators });
}
