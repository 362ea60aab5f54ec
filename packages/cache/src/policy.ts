/** Which parts of the query make the key; names may end in `*`. "all" keeps the query as it is. */
export type QueryKey =
  | "all"
  | "none"
  | { readonly allow: readonly string[] }
  | {
      readonly deny: readonly string[];
    };

/**
 * What becomes of a response with Set-Cookie: "explicit" stores it, cookie included, only where the response itself says for
 * how long (RFC 9111 §7.3); "refuse" never does; "strip" stores it without the field; "store" stores it like any other.
 */
export type SetCookiePolicy = "explicit" | "refuse" | "strip" | "store";

/** How one route caches. Times in ms, sizes in bytes. */
export interface CachePolicyOptions {
  /**
   * Lifetime of a response that neither says one nor lets us guess it by Last-Modified; 300 000; 0: none (pure RFC 9111).
   * It never applies to requests with a Cookie field, unless `key.cookies` says which cookies matter.
   */
  readonly ttl?: number | undefined;
  /** A larger body is passed on and not stored; 8 MiB. */
  readonly maxObject?: number | undefined;
  /** How long an entry is kept after it expired, to be validated, or for when the origin is out of reach; 1 h. */
  readonly keep?: number | undefined;
  /** "explicit". */
  readonly setCookie?: SetCookiePolicy | undefined;
  readonly key?:
    | {
        /** "all". */
        readonly query?: QueryKey | undefined;
        /** Parameters are sorted by name, those of one name keep their order; false. */
        readonly sortQuery?: boolean | undefined;
        /** Cookies whose values are part of the key; the others do not matter. Unset: see `ttl`. */
        readonly cookies?: readonly string[] | undefined;
        /** Request fields whose values are part of the key; none. */
        readonly headers?: readonly string[] | undefined;
      }
    | undefined;
  /** Requests with one of these fields, cookies or query parameters go past the cache; none. */
  readonly bypass?:
    | {
        readonly headers?: readonly string[] | undefined;
        readonly cookies?: readonly string[] | undefined;
        readonly query?: readonly string[] | undefined;
      }
    | undefined;
  /** Takes no notice of Cache-Control and Pragma of requests; false. */
  readonly ignoreRequestControl?: boolean | undefined;
  /** Fields that count before Cache-Control (RFC 9213), the most specific first; CDN-Cache-Control. */
  readonly targets?: readonly string[] | undefined;
}

/** Names to look for, exact or as a prefix. */
export interface NameRule {
  readonly exact: ReadonlySet<string>;
  readonly prefixes: readonly string[];
}

/** `CachePolicyOptions` with its defaults, prepared for use in each request. */
export interface CachePolicy {
  readonly ttl: number;
  readonly maxObject: number;
  readonly keep: number;
  readonly setCookie: SetCookiePolicy;
  /** undefined: the query is taken as it is. */
  readonly query: { readonly mode: "allow" | "deny"; readonly names: NameRule; readonly sort: boolean } | undefined;
  readonly keyCookies: readonly string[] | undefined;
  /** Lower case. */
  readonly keyHeaders: readonly string[];
  readonly bypassHeaders: readonly string[];
  readonly bypassCookies: readonly string[];
  readonly bypassQuery: NameRule | undefined;
  readonly ignoreRequestControl: boolean;
  readonly targets: readonly string[];
}

const SECOND = 1000;
const MIB = 1024 * 1024;

function lower(names: readonly string[] | undefined): string[] {
  return (names ?? []).map((name) => name.toLowerCase());
}

function compileNames(names: readonly string[]): NameRule {
  const prefixes = names.filter((name) => name.endsWith("*")).map((name) => name.slice(0, -1));
  return { exact: new Set(names.filter((name) => !name.endsWith("*"))), prefixes };
}

function compileQuery(query: QueryKey, sort: boolean): CachePolicy["query"] {
  if (query === "none") return { mode: "allow", names: compileNames([]), sort };
  if (query === "all") return sort ? { mode: "deny", names: compileNames([]), sort } : undefined;
  if ("allow" in query) return { mode: "allow", names: compileNames(query.allow), sort };
  return { mode: "deny", names: compileNames(query.deny), sort };
}

/** Applies the defaults once, where the config is read. Values are taken to be validated. */
export function compilePolicy(options: CachePolicyOptions = {}): CachePolicy {
  const { key = {}, bypass = {} } = options;
  return Object.freeze({
    ttl: options.ttl ?? 300 * SECOND,
    maxObject: options.maxObject ?? 8 * MIB,
    keep: options.keep ?? 3600 * SECOND,
    setCookie: options.setCookie ?? "explicit",
    query: compileQuery(key.query ?? "all", key.sortQuery ?? false),
    keyCookies: key.cookies,
    keyHeaders: lower(key.headers),
    bypassHeaders: lower(bypass.headers),
    bypassCookies: bypass.cookies ?? [],
    bypassQuery: bypass.query === undefined ? undefined : compileNames(bypass.query),
    ignoreRequestControl: options.ignoreRequestControl ?? false,
    targets: lower(options.targets ?? ["CDN-Cache-Control"]),
  });
}
