import { joinField, splitList } from "@headgate/http";

const SPACES = /[\t ,]+/;

/** The tags of a response: Surrogate-Key (separated by spaces) and Cache-Tag (by commas), each tag once. */
export function readTags(fields: readonly string[]): readonly string[] {
  const surrogateKey = joinField(fields, "surrogate-key");
  const cacheTag = joinField(fields, "cache-tag");
  if (surrogateKey === undefined && cacheTag === undefined) return NO_TAGS;
  const tags = new Set(splitList(cacheTag ?? ""));
  for (const tag of (surrogateKey ?? "").split(SPACES)) if (tag !== "") tags.add(tag);
  return [...tags];
}

const NO_TAGS: readonly string[] = Object.freeze([]);
