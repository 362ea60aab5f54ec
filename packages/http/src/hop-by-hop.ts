import { type FieldList, isNamed } from "./fields.ts";
import { splitList } from "./lists.ts";

const COLON = 0x3a;

const HOP_BY_HOP: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "proxy-authenticate",
  "proxy-authorization",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/**
 * Fields that stay even where Connection lists them. RFC 9110 §7.6.1 forbids a sender to list a field that is meant for all
 * recipients, but attackers do it to have a proxy drop what the origin's safety hangs on: who asks (Authorization, Cookie,
 * Forwarded), what is asked for (Host, Origin, Range), how the message is framed and read (Content-*), what may be kept
 * (Cache-Control, Vary, Set-Cookie, validators), and how the request came here (Via, trace and request ids).
 */
const PROTECTED: ReadonlySet<string> = new Set([
  "age",
  "authorization",
  "cache-control",
  "cdn-cache-control",
  "cdn-loop",
  "cookie",
  "date",
  "etag",
  "expires",
  "forwarded",
  "host",
  "last-modified",
  "location",
  "max-forwards",
  "origin",
  "pragma",
  "range",
  "referer",
  "set-cookie",
  "strict-transport-security",
  "traceparent",
  "tracestate",
  "vary",
  "via",
  "www-authenticate",
  "x-api-key",
  "x-frame-options",
  "x-real-ip",
  "x-request-id",
]);
const PROTECTED_PREFIX = /^(?:x-forwarded|content|if|access-control|sec-fetch|cross-origin)-/;

const LONGEST = 31;
/** Upper and lower case of a letter share their lower five bits. */
const LETTERS = 32;
const NONE: readonly string[] = [];

/**
 * A set of field names that is asked for every field of every message: most are told apart by length and first letter alone, and the
 * others letter by letter. A Set would want a copy in lower case, and the hash of a text that was never seen before.
 */
export class FieldNames {
  readonly #names: readonly string[];
  /** By length and first letter; names of 31 characters and more share the last length. */
  readonly #alike: (readonly string[])[] = new Array((LONGEST + 1) * LETTERS).fill(NONE);

  /** @param lowerNames in lower case */
  constructor(lowerNames: Iterable<string>) {
    this.#names = [...new Set(lowerNames)];
    for (const name of this.#names) {
      const place = placeOf(name);
      this.#alike[place] = [...(this.#alike[place] ?? NONE), name];
    }
  }

  /** Whether a name is one of them, in whatever case it is written. */
  has(name: string): boolean {
    const alike = this.#alike[placeOf(name)] ?? NONE;
    for (let i = 0; i < alike.length; i += 1) if (isNamed(name, alike[i] as string)) return true;
    return false;
  }

  /** These and more. */
  with(...lowerNames: readonly string[]): FieldNames {
    return new FieldNames([...this.#names, ...lowerNames]);
  }
}

function placeOf(name: string): number {
  const length = Math.min(name.length, LONGEST);
  return length * LETTERS + (name.charCodeAt(0) & (LETTERS - 1));
}

const HOP_BY_HOP_NAMES: FieldNames = new FieldNames(HOP_BY_HOP);

/** Whether a field speaks of one connection only and is never forwarded (RFC 9110 §7.6.1). `lowerName` in lower case. */
export function isHopByHop(lowerName: string): boolean {
  return HOP_BY_HOP.has(lowerName);
}

/** The lower-cased connection options that Connection lists ("close", names of fields), or undefined where it is absent. */
export function connectionOptions(list: readonly string[]): string[] | undefined {
  let options: string[] | undefined;
  for (let i = 0; i < list.length; i += 2) {
    const name = list[i] ?? "";
    if (!isNamed(name, "connection")) continue;
    const members = splitList((list[i + 1] ?? "").toLowerCase());
    options = options === undefined ? members : options.concat(members);
  }
  return options;
}

/** Whether Connection lists anything but what nearly every message says of its connection. */
function namesMore(list: readonly string[]): boolean {
  for (let i = 0; i < list.length; i += 2) {
    const value = list[i + 1];
    if (isNamed(list[i], "connection") && value !== "keep-alive" && value !== "close") return true;
  }
  return false;
}

/** The options that name a further field to drop; in nearly every message there is none. */
export function droppable(list: readonly string[]): string[] | undefined {
  if (!namesMore(list)) return undefined;
  const options = connectionOptions(list)?.filter(
    (name) => name !== "close" && !HOP_BY_HOP.has(name) && !PROTECTED.has(name) && !PROTECTED_PREFIX.test(name),
  );
  return options?.length ? options : undefined;
}

/**
 * A copy without the hop-by-hop fields and those that Connection lists, but for the protected ones (above), and without the
 * pseudo-fields of HTTP/2 (":path"). For requests and responses alike.
 * @param dropped names of further fields to leave out
 */
export function endToEnd(list: readonly string[], dropped: FieldNames | null = null): FieldList {
  const listed = droppable(list);
  const kept: FieldList = [];
  for (let i = 0; i < list.length; i += 2) {
    const name = list[i] ?? "";
    if (dropped?.has(name) !== true && isEndToEnd(name, listed)) kept.push(name, list[i + 1] ?? "");
  }
  return kept;
}

/** @param listed what Connection names, in lower case */
export function isEndToEnd(name: string, listed: readonly string[] | undefined): boolean {
  if (HOP_BY_HOP_NAMES.has(name) || name.charCodeAt(0) === COLON) return false;
  return listed?.includes(name.toLowerCase()) !== true;
}
