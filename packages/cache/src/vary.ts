import { joinField, parseQualityList, splitList } from "@headgate/http";
import type { VaryTerm } from "./types.ts";

/** The order of members with weights means nothing (RFC 9110 §12.5.3, §12.5.4), nor does case, and x-gzip is gzip (§8.4.1.3). */
function normalizeWeighted(value: string): string {
  const members = parseQualityList(value).map(({ name, q }) => {
    const plain = name === "x-gzip" ? "gzip" : name;
    return q === 1 ? plain : `${plain};q=${q}`;
  });
  return members.sort().join(",");
}

/** Brings a request field into a form that is equal for values of equal meaning, as far as RFC 9111 §4.1 lets us. */
export function normalizeValue(lowerName: string, value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (lowerName === "accept-encoding" || lowerName === "accept-language") return normalizeWeighted(value);
  return splitList(value).join(",");
}

const NO_TERMS: readonly VaryTerm[] = [];

/** The fields that Vary names, each with what the request had; undefined where Vary holds `*`, which never matches. */
export function varyTerms(
  fields: readonly string[],
  requestFields: readonly string[],
): readonly VaryTerm[] | undefined {
  const vary = joinField(fields, "vary");
  if (vary === undefined) return NO_TERMS;
  const names = new Set(splitList(vary.toLowerCase()));
  if (names.has("*")) return undefined;
  return Array.from(names, (name) => {
    const raw = joinField(requestFields, name);
    return { name, raw, value: normalizeValue(name, raw) };
  });
}

/** The language that a client likes best, if that is one alone. */
function favouriteLanguage(value: string): string | undefined {
  let favourite: string | undefined;
  let best = 0;
  for (const { name, q } of parseQualityList(value)) {
    if (q === best) favourite = undefined;
    if (q <= best) continue;
    best = q;
    favourite = name;
  }
  return favourite;
}

function termMatches(term: VaryTerm, requestFields: readonly string[], language: string | undefined): boolean {
  const raw = joinField(requestFields, term.name);
  if (raw === term.raw) return true;
  if (raw === undefined || term.value === undefined) return false;
  if (normalizeValue(term.name, raw) === term.value) return true;
  // Whoever likes this language best gets it, now that it is known to exist: the weights are the ranking (RFC 9111 §4.1).
  return term.name === "accept-language" && language !== undefined && favouriteLanguage(raw) === language;
}

/** Whether the fields that selected a response are the same in this request (RFC 9111 §4.1). */
export function varyMatches(
  vary: readonly VaryTerm[],
  requestFields: readonly string[],
  language: string | undefined,
): boolean {
  for (const term of vary) if (!termMatches(term, requestFields, language)) return false;
  return true;
}
