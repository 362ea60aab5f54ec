import { nextUnquoted, splitList, trimOws, unquote } from "./lists.ts";

/** The lower-cased type of a Content-Type without its parameters: `text/html` of `Text/HTML; charset=utf-8`. */
export function mediaEssence(contentType: string): string {
  return trimOws(contentType.slice(0, nextUnquoted(contentType, ";", 0))).toLowerCase();
}

/** The lower-cased charset parameter of a Content-Type, or undefined (RFC 9110 §8.3.1). */
export function mediaCharset(contentType: string): string | undefined {
  for (const parameter of splitList(contentType, ";").slice(1)) {
    const equals = parameter.indexOf("=");
    if (equals < 0 || trimOws(parameter.slice(0, equals)).toLowerCase() !== "charset") continue;
    return unquote(trimOws(parameter.slice(equals + 1))).toLowerCase();
  }
  return undefined;
}
