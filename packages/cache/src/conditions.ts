import type { FieldList } from "@headgate/http";
import type { StoredEntry } from "./types.ts";
import { without } from "./without.ts";

/** The conditions that ask whether an entry is still current, none where it has no validator (RFC 9111 §4.3.1). */
export function conditionsFor({ validators, lastModified }: StoredEntry): FieldList {
  const conditions: FieldList = [];
  if (validators.etag !== undefined) conditions.push("If-None-Match", validators.etag);
  if (lastModified !== undefined) conditions.push("If-Modified-Since", lastModified);
  return conditions;
}

/** The fields of a request with our conditions in place of the client's. Its Range stays: it counts only where they fail. */
export function withConditions(fields: readonly string[], conditions: readonly string[]): FieldList {
  const isOurs = (name: string): boolean => name === "if-none-match" || name === "if-modified-since";
  return without(fields, isOurs).concat(conditions);
}
