import { getFields, trimOws } from "@headgate/http";

/** The value of a cookie of a request (RFC 6265 §4.2), the first of several; undefined where there is none. */
export function getCookie(fields: readonly string[], name: string): string | undefined {
  for (const field of getFields(fields, "cookie")) {
    for (const pair of field.split(";")) {
      const equals = pair.indexOf("=");
      if (equals >= 0 && trimOws(pair.slice(0, equals)) === name) return trimOws(pair.slice(equals + 1));
    }
  }
  return undefined;
}
