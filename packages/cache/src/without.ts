import type { FieldList } from "@headgate/http";

/** A copy of a field list without the fields whose lower-cased names are dropped. */
export function without(fields: readonly string[], isDropped: (lowerName: string) => boolean): FieldList {
  const kept: FieldList = [];
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] ?? "";
    if (!isDropped(name.toLowerCase())) kept.push(name, fields[i + 1] ?? "");
  }
  return kept;
}
