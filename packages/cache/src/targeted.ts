import { type BareItem, joinField, parseSfDictionary } from "@headgate/http";
import type { Directive } from "./directives.ts";

const NUMERIC = new Set(["max-age", "s-maxage", "stale-while-revalidate", "stale-if-error"]);
const LISTS = new Set(["no-cache", "private"]);

/** The directive that a member stands for, or undefined where its value is of the wrong type (RFC 9213 §2.1). */
function toDirective(name: string, item: BareItem, field: string): Directive | undefined {
  if (NUMERIC.has(name)) {
    // The parser makes 60.0 and 60 the same number, but a Decimal is no delta-seconds.
    const isDecimal = new RegExp(`(?:^|,)[\\t ]*${name}=-?\\d+\\.`).test(field);
    return typeof item === "number" && !isDecimal ? { name, argument: String(item) } : undefined;
  }
  if (item === true) return { name, argument: undefined };
  return LISTS.has(name) && typeof item === "string" ? { name, argument: item } : undefined;
}

function parseTargeted(field: string): Directive[] | undefined {
  const dictionary = parseSfDictionary(field);
  if (dictionary === undefined || dictionary.size === 0) return undefined;
  const directives: Directive[] = [];
  for (const [name, [item]] of dictionary) {
    const directive = Array.isArray(item) ? undefined : toDirective(name, item, field);
    if (directive !== undefined) directives.push(directive);
  }
  return directives;
}

/**
 * The directives of the first target field with a valid value that is not empty; undefined where there is none, and
 * Cache-Control counts. Once one is found Cache-Control does not count, whatever the field says (RFC 9213 §2.2).
 */
export function readTargeted(fields: readonly string[], targets: readonly string[]): Directive[] | undefined {
  for (const target of targets) {
    const field = joinField(fields, target);
    const directives = field === undefined ? undefined : parseTargeted(field);
    if (directives !== undefined) return directives;
  }
  return undefined;
}
