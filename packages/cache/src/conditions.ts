import type { FieldList } from "@headgate/http";
import type { StoredEntry } from "./types.ts";

const CONDITIONAL: ReadonlySet<string> = new Set(["if-none-match", "if-modified-since"]);

/** The conditions that ask whether an entry is still current, none where it has no validator (RFC 9111 §4.3.1). */
export function conditionsFor({ validators, lastModified }: StoredEntry): FieldList {
  const conditions: FieldList = [];
  if (validators.etag !== undefined) conditions.push("If-None-Match", validators.etag);
  if (lastModified !== undefined) conditions.push("If-Modified-Since", lastModified);
  return conditions;
}

/** The fields of a request with our conditions in place of the client's. Its Range stays: it counts only where they fail. */
export function withConditions(fields: readonly string[], conditions: readonly string[]): FieldList {
  return without(fields, CONDITIONAL).concat(conditions);
}

/** A copy of a field list without the given lower-cased names. */
export function without(fields: readonly string[], names: ReadonlySet<string>): FieldList {
  const kept: FieldList = [];
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] ?? "";
    if (!names.has(name.toLowerCase())) kept.push(name, fields[i + 1] ?? "");
  }
  return kept;
}
