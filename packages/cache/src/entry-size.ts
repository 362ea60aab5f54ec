import type { EntryHead } from "./types.ts";

/** Estimates of what V8 takes on 64 bits, in bytes; `bench/memory.ts` holds them against the process's memory. */
const STRING = 24;
const SLOT = 8;
const ENTRY = 720;
const VARY_TERM = 64;
const TAG = 120;

/** Bytes that a string takes, for text of one byte a character. */
export function stringSize(text: string | undefined): number {
  return text === undefined ? 0 : STRING + text.length;
}

/** Bytes that an entry takes: its body, its fields, what selects it, its share of the tag index, and the objects around them. */
export function entrySize(head: EntryHead, bodyLength: number): number {
  let size = ENTRY + bodyLength + stringSize(head.identity ?? undefined);
  // Once each by itself, and once in the text that is sent: with ": " or a line end behind it.
  for (const text of head.fields) size += SLOT + stringSize(text) + text.length + 2;
  for (const { name, raw, value } of head.vary) {
    size += VARY_TERM + stringSize(name) + stringSize(raw) + (value === raw ? 0 : stringSize(value));
  }
  for (const tag of head.tags) size += TAG + stringSize(tag);
  return size;
}
