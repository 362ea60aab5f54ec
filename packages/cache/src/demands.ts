import { FieldNames } from "@headgate/http";
import type { CachePolicy } from "./policy.ts";
import { type RequestControl, readRequestControl } from "./request-control.ts";

/** What a request carries that bears on caching. Found in one pass, because this runs for every request. */
export interface Demands {
  /** Cache-Control or Pragma; undefined where there is neither or the policy ignores them. */
  readonly control: RequestControl | undefined;
  /** Range is there. */
  readonly range: boolean;
  /** If-None-Match or If-Modified-Since is there. */
  readonly conditional: boolean;
  /** If-Match or If-Unmodified-Since is there: only for the origin to judge (RFC 9111 §4.3.2). */
  readonly precondition: boolean;
  readonly authorization: boolean;
  /** Cookie is there, and the policy does not say which cookies matter. */
  readonly cookie: boolean;
  readonly upgrade: boolean;
}

/** What most requests demand; shared, so that they cost no object. */
export const NO_DEMANDS: Demands = Object.freeze({
  control: undefined,
  range: false,
  conditional: false,
  precondition: false,
  authorization: false,
  cookie: false,
  upgrade: false,
});

const RANGE = 1;
const CONDITIONAL = 2;
const PRECONDITION = 4;
const AUTHORIZATION = 8;
const COOKIE = 16;
const UPGRADE = 32;
const CONTROL = 64;

const BITS: ReadonlyMap<string, number> = new Map([
  ["range", RANGE],
  ["cookie", COOKIE],
  ["pragma", CONTROL],
  ["upgrade", UPGRADE],
  ["if-match", PRECONDITION],
  ["cache-control", CONTROL],
  ["authorization", AUTHORIZATION],
  ["if-none-match", CONDITIONAL],
  ["if-modified-since", CONDITIONAL],
  ["if-unmodified-since", PRECONDITION],
]);

const NAMES: FieldNames = new FieldNames(BITS.keys());

function append(previous: string | undefined, value: string | undefined): string | undefined {
  return previous === undefined ? value : `${previous}, ${value}`;
}

/** Reads the demands of a request from its fields. */
export function readDemands(fields: readonly string[], policy: CachePolicy): Demands {
  let found = 0;
  let cacheControl: string | undefined;
  let pragma: string | undefined;
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] ?? "";
    if (!NAMES.has(name)) continue;
    const lowerName = name.toLowerCase();
    found |= BITS.get(lowerName) ?? 0;
    if (lowerName === "cache-control") cacheControl = append(cacheControl, fields[i + 1]);
    else if (lowerName === "pragma") pragma = append(pragma, fields[i + 1]);
  }
  if (found === 0) return NO_DEMANDS;
  const heeded = (found & CONTROL) !== 0 && !policy.ignoreRequestControl;
  return {
    control: heeded ? readRequestControl(cacheControl, pragma) : undefined,
    range: (found & RANGE) !== 0,
    conditional: (found & CONDITIONAL) !== 0,
    precondition: (found & PRECONDITION) !== 0,
    authorization: (found & AUTHORIZATION) !== 0,
    cookie: (found & COOKIE) !== 0 && policy.keyCookies === undefined,
    upgrade: (found & UPGRADE) !== 0,
  };
}
