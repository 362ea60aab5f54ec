import {
  type BareItem,
  type Dictionary,
  type InnerList,
  type Item,
  parseDictionary,
  parseList,
} from "structured-headers";
import { isToken } from "./lists.ts";

export type { BareItem, Dictionary, InnerList, Item };

/** Parses a structured-field dictionary (RFC 9651 §4.2.2); undefined where it is malformed and thus to be ignored as a whole. */
export function parseSfDictionary(value: string): Dictionary | undefined {
  try {
    return parseDictionary(value);
  } catch {
    return undefined;
  }
}

/** Parses a structured-field list (RFC 9651 §4.2.1); undefined where it is malformed. */
export function parseSfList(value: string): (InnerList | Item)[] | undefined {
  try {
    return parseList(value);
  } catch {
    return undefined;
  }
}

/** Serialises a String (RFC 9651 §4.1.6); what a String cannot hold (controls, non-ASCII) becomes "?". */
export function sfString(text: string): string {
  return `"${text.replace(/[^ -~]/g, "?").replace(/["\\]/g, "\\$&")}"`;
}

/** A Token where the text can be one (RFC 9651 §3.3.4), else a String: for values such as `detail=no-store`. */
export function sfTokenOrString(text: string): string {
  return isToken(text.replace(/[:/]/g, "")) && /^[A-Za-z*]/.test(text) ? text : sfString(text);
}

/**
 * An item with parameters, such as `headgate; fwd=miss; stored; ttl=12`: `true` writes the bare key, undefined and false write
 * nothing, numbers are written as they are, texts as they are handed in (see `sfString`, `sfTokenOrString`).
 */
export function sfMember(
  item: string,
  parameters: readonly (readonly [key: string, value: string | number | boolean | undefined])[],
): string {
  let member = item;
  for (const [key, value] of parameters) {
    if (value === undefined || value === false) continue;
    member += value === true ? `; ${key}` : `; ${key}=${value}`;
  }
  return member;
}
