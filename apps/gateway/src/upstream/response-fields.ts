import { endToEnd, type FieldList } from "@headgate/http";

/** A backend's field lines as undici hands them over, as text and without those that end at this hop (RFC 9110 §7.6.1). */
export function responseFields(raw: readonly Buffer[]): FieldList {
  const fields: FieldList = [];
  for (const bytes of raw) fields.push(bytes.toString("latin1"));
  return endToEnd(fields);
}
