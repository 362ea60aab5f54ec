import { splitList, trimOws } from "./lists.ts";

/** A member of Accept, Accept-Encoding, Accept-Language and the like: the lower-cased name, and its weight from 0 to 1. */
export interface Weighted {
  readonly name: string;
  readonly q: number;
}

const QVALUE = /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/;
const COMMA = 0x2c;

/** A malformed weight counts as 1, as in a member without one: the client has named it, after all. */
function weightOf(parameters: readonly string[]): number {
  for (const parameter of parameters) {
    if (!/^q[\t ]*=/i.test(parameter)) continue;
    const value = trimOws(parameter.slice(parameter.indexOf("=") + 1));
    return QVALUE.test(value) ? Number(value) : 1;
  }
  return 1;
}

/** Parses a list of weighted members (RFC 9110 §12.4.2) in the order written; parameters other than q are dropped. */
export function parseQualityList(value: string): Weighted[] {
  const list: Weighted[] = [];
  for (const member of splitList(value.toLowerCase())) {
    const [name, ...parameters] = splitList(member, ";");
    if (name !== undefined) list.push({ name, q: weightOf(parameters) });
  }
  return list;
}

/** Whether a lower-cased list without weights has this member; makes no array of it. */
function hasMember(list: string, name: string): boolean {
  for (let at = list.indexOf(name); at >= 0; at = list.indexOf(name, at + 1)) {
    const before = at === 0 ? COMMA : list.charCodeAt(at - 1);
    const after = at + name.length === list.length ? COMMA : list.charCodeAt(at + name.length);
    if (isBoundary(before) && isBoundary(after)) return true;
  }
  return false;
}

function isBoundary(code: number): boolean {
  return code === COMMA || code === 0x20 || code === 0x09;
}

function chooseWeighted(list: readonly Weighted[], supported: readonly string[]): string {
  const any = list.find((member) => member.name === "*")?.q;
  const identity = list.find((member) => member.name === "identity")?.q;
  // Unless it is named, identity is acceptable but the last choice.
  let best = "identity";
  let bestQ = identity ?? 0;
  let coded = false;
  for (const coding of supported) {
    const q = list.find((member) => member.name === coding)?.q ?? any ?? 0;
    if (q === 0 || q < bestQ || (q === bestQ && coded)) continue;
    best = coding;
    bestQ = q;
    coded = true;
  }
  return best;
}

/**
 * Chooses a content coding (RFC 9110 §12.5.3): the highest weight wins, among the same weight the order of `supported`, and a
 * coding wins over identity. Without the field, or where nothing fits, it is "identity", even if the client refuses that:
 * sending the content as it is serves better than 406.
 * @param supported lower-case codings in the order of preference, without "identity"
 */
export function chooseEncoding(acceptEncoding: string | undefined, supported: readonly string[]): string {
  if (acceptEncoding === undefined || acceptEncoding === "") return "identity";
  const lower = acceptEncoding.toLowerCase();
  const list = lower.includes("x-") ? lower.replaceAll("x-gzip", "gzip") : lower;
  if (list.includes(";") || list.includes("*")) return chooseWeighted(parseQualityList(list), supported);
  // What browsers send has no weights: the first that is listed wins.
  for (const coding of supported) if (hasMember(list, coding)) return coding;
  return "identity";
}

/** How exactly a media range names a type: 3 itself, 2 its main type, 1 any, 0 not at all. */
function specificity(range: string, type: string): number {
  if (range === type) return 3;
  if (range === "*/*") return 1;
  return range.endsWith("/*") && type.startsWith(range.slice(0, -1)) ? 2 : 0;
}

function mediaWeight(list: readonly Weighted[], type: string): number {
  let best = 0;
  let q = 0;
  for (const member of list) {
    const rank = specificity(member.name, type);
    if (rank <= best) continue;
    best = rank;
    q = member.q;
  }
  return q;
}

/**
 * Chooses among offered media types by Accept (RFC 9110 §12.5.1): each type has the weight of the most specific range that
 * names it, the highest weight wins, then the order of `offered`. Parameters of ranges are not compared. Without the field it
 * is the first; undefined where none is acceptable.
 * @param offered lower-case types without parameters, in the order of preference
 */
export function chooseMediaType(accept: string | undefined, offered: readonly string[]): string | undefined {
  if (accept === undefined || accept === "") return offered[0];
  const list = parseQualityList(accept);
  let best: string | undefined;
  let bestQ = 0;
  for (const type of offered) {
    const q = mediaWeight(list, type);
    if (q <= bestQ) continue;
    best = type;
    bestQ = q;
  }
  return best;
}
