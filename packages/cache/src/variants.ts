import { sameAudience } from "./audience.ts";
import { joinParts } from "./join-parts.ts";
import type { StoredEntry, VaryTerm } from "./types.ts";

function sameTerms(a: readonly VaryTerm[], b: readonly VaryTerm[]): boolean {
  if (a.length !== b.length) return false;
  return a.every((term) => b.some(({ name, value }) => name === term.name && value === term.value));
}

/** Whether two entries answer the same requests, so that the newer takes the older's place. */
export function sameSelection(a: StoredEntry, b: StoredEntry): boolean {
  return sameAudience(a, b) && sameTerms(a.vary, b.vary);
}

/** Whether both are parts of one representation, which may be held beside each other. */
function areParts(a: StoredEntry, b: StoredEntry): boolean {
  return a.part !== null && b.part !== null && a.part.first !== b.part.first && a.validators.etag === b.validators.etag;
}

/**
 * Whether an older entry has nothing more to answer once a newer is there. One without Vary would answer everything that the
 * newer was not selected for, although its origin has since said that there are variants (RFC 9111 §4.1).
 */
function isSuperseded(older: StoredEntry, newer: StoredEntry): boolean {
  if (!sameAudience(older, newer)) return false;
  if (older.vary.length === 0 && newer.vary.length > 0) return true;
  return sameTerms(older.vary, newer.vary) && !areParts(older, newer);
}

/**
 * The variants of a key after a response has been added: newest first, without those that it replaces, parts joined where they
 * may be, the oldest dropped over `max`. For stores, so that all of them keep the same.
 */
export function addVariant(variants: readonly StoredEntry[], added: StoredEntry, max: number): StoredEntry[] {
  let entry = added;
  const others: StoredEntry[] = [];
  for (const older of variants) {
    const joined = sameSelection(older, entry) ? joinParts(older, entry) : undefined;
    if (joined !== undefined) entry = joined;
    else others.push(older);
  }
  const kept = others.filter((older) => !isSuperseded(older, entry));
  return [entry, ...kept].slice(0, max);
}

/**
 * The variants with `previous` replaced in place; undefined where it is no longer among them, because it was purged or
 * replaced meanwhile: then what was learnt about it must not bring it back.
 */
export function replaceVariant(
  variants: readonly StoredEntry[],
  previous: StoredEntry,
  next: StoredEntry,
): StoredEntry[] | undefined {
  const index = variants.findIndex((held) => isSameResponse(held, previous));
  return index < 0 ? undefined : variants.with(index, next);
}

/** The variants without one; undefined where it is no longer among them. */
export function removeVariant(variants: readonly StoredEntry[], entry: StoredEntry): StoredEntry[] | undefined {
  const index = variants.findIndex((held) => isSameResponse(held, entry));
  return index < 0 ? undefined : variants.toSpliced(index, 1);
}

/** Whether both are the same stored response; by value, because stores on other machines hand out copies. */
function isSameResponse(a: StoredEntry, b: StoredEntry): boolean {
  return a === b || (a.bornAt === b.bornAt && a.receivedAt === b.receivedAt && sameSelection(a, b));
}
