import { joinField } from "@headgate/http";
import { parseDeltaSeconds } from "./delta-seconds.ts";
import { type Directive, listedNames, parseDirectives } from "./directives.ts";
import { readTargeted } from "./targeted.ts";

/** What a response tells a shared cache (RFC 9111 §5.2.2); times in ms, undefined where not given. */
export interface ResponseControl {
  /** From a targeted field, so that Expires does not count (RFC 9213 §2.2). */
  readonly targeted: boolean;
  readonly noStore: boolean;
  /** The unqualified form. */
  readonly noCache: boolean;
  /** The unqualified form. */
  readonly isPrivate: boolean;
  /** Lower-cased names that no-cache="…" and private="…" list: these fields are not stored. */
  readonly withheld: readonly string[];
  readonly isPublic: boolean;
  readonly mustRevalidate: boolean;
  readonly proxyRevalidate: boolean;
  readonly mustUnderstand: boolean;
  readonly immutable: boolean;
  readonly maxAge: number | undefined;
  readonly sMaxage: number | undefined;
  readonly staleWhileRevalidate: number | undefined;
  readonly staleIfError: number | undefined;
}

type Flag = "noStore" | "isPublic" | "mustRevalidate" | "proxyRevalidate" | "mustUnderstand" | "immutable";
type Delta = "maxAge" | "sMaxage" | "staleWhileRevalidate" | "staleIfError";

const FLAGS: ReadonlyMap<string, Flag> = new Map([
  ["no-store", "noStore"],
  ["public", "isPublic"],
  ["must-revalidate", "mustRevalidate"],
  ["proxy-revalidate", "proxyRevalidate"],
  ["must-understand", "mustUnderstand"],
  ["immutable", "immutable"],
]);
const DELTAS: ReadonlyMap<string, Delta> = new Map([
  ["max-age", "maxAge"],
  ["s-maxage", "sMaxage"],
  ["stale-while-revalidate", "staleWhileRevalidate"],
  ["stale-if-error", "staleIfError"],
]);

/** One that is being read. */
type Draft = { -readonly [Key in keyof ResponseControl]: ResponseControl[Key] } & { withheld: string[] };

function emptyControl(targeted: boolean): Draft {
  return {
    targeted,
    noStore: false,
    noCache: false,
    isPrivate: false,
    withheld: [],
    isPublic: false,
    mustRevalidate: false,
    proxyRevalidate: false,
    mustUnderstand: false,
    immutable: false,
    maxAge: undefined,
    sMaxage: undefined,
    staleWhileRevalidate: undefined,
    staleIfError: undefined,
  };
}

/** Whether no-cache or private is unqualified; otherwise the fields that it names are noted. */
function qualify(control: Draft, argument: string | undefined): boolean {
  const names = argument === undefined ? [] : listedNames(argument);
  control.withheld.push(...names);
  return names.length === 0;
}

function apply(control: Draft, { name, argument }: Directive): void {
  const flag = FLAGS.get(name);
  const delta = DELTAS.get(name);
  if (flag !== undefined) control[flag] = true;
  // The first of several counts, and what is no number makes the response stale (RFC 9111 §4.2.1).
  else if (delta !== undefined) control[delta] ??= parseDeltaSeconds(argument ?? "") ?? 0;
  else if (name === "no-cache") control.noCache = qualify(control, argument) || control.noCache;
  else if (name === "private") control.isPrivate = qualify(control, argument) || control.isPrivate;
}

/** What Cache-Control fields say, by their text: backends send few different ones, with each response. */
const known = new Map<string, ResponseControl>();
const MAX_KNOWN = 500;
/** Characters. */
const MAX_LENGTH = 200;

/**
 * Reads the first of `targets` that is there and valid, and Cache-Control otherwise.
 * @param targets lower-cased names of targeted fields, the most specific first (RFC 9213 §2.2)
 */
export function readResponseControl(fields: readonly string[], targets: readonly string[]): ResponseControl {
  const targeted = readTargeted(fields, targets);
  if (targeted !== undefined) return controlOf(targeted, true);
  const value = joinField(fields, "cache-control") ?? "";
  let control = known.get(value);
  if (control === undefined) {
    control = controlOf(parseDirectives(value), false);
    if (known.size < MAX_KNOWN && value.length <= MAX_LENGTH) known.set(value, control);
  }
  return control;
}

function controlOf(directives: readonly Directive[], targeted: boolean): ResponseControl {
  const control = emptyControl(targeted);
  for (const directive of directives) apply(control, directive);
  return control;
}
