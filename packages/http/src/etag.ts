import { trimOws } from "./lists.ts";

/** Entity-tags are kept as they are written, `"abc"` or `W/"abc"`: comparing them then needs no object. RFC 9110 §8.8.3. */
const ENTITY_TAG = /^(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"$/;
const LIST_MEMBER = /[\t ]*(?:(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"|[^,]+)/g;

/** What If-Match or If-None-Match asks for: any current representation (`*`), or one of the tags. */
export type EntityTagList = { readonly kind: "any" } | { readonly kind: "tags"; readonly tags: readonly string[] };

/** The entity-tag that a field value holds, or undefined where it is not one. */
export function parseEntityTag(value: string): string | undefined {
  const tag = trimOws(value);
  return ENTITY_TAG.test(tag) ? tag : undefined;
}

/**
 * Parses If-Match and If-None-Match. Commas and backslashes inside of a tag are part of it, so these are not lists of
 * quoted-strings. Members that are no entity-tags stay as written: some origins send unquoted tags, which clients repeat.
 */
export function parseEntityTagList(value: string): EntityTagList {
  const tags: string[] = [];
  for (const match of value.match(LIST_MEMBER) ?? []) {
    const tag = trimOws(match);
    if (tag === "*") return { kind: "any" };
    if (tag !== "") tags.push(tag);
  }
  return { kind: "tags", tags };
}

export function isWeak(etag: string): boolean {
  return etag.startsWith("W/");
}

/** RFC 9110 §8.8.3.2: equal, and neither is weak. Needed for ranges and If-Match. */
export function strongMatch(a: string, b: string): boolean {
  return a === b && !isWeak(a);
}

/** RFC 9110 §8.8.3.2: equal but for weakness. Enough for If-None-Match. */
export function weakMatch(a: string, b: string): boolean {
  return a === b || opaque(a) === opaque(b);
}

function opaque(etag: string): string {
  return isWeak(etag) ? etag.slice(2) : etag;
}

/** The weak form of a tag, for a representation whose bytes we changed (encoded) but whose meaning we did not. */
export function weaken(etag: string): string {
  return isWeak(etag) ? etag : `W/${etag}`;
}
