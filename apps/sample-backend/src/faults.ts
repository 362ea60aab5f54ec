import { validateHeaderValue } from "node:http";

/** Faults that a request asks for in its query; an absent one is `undefined`. */
export interface Faults {
  /** Milliseconds to wait before the answer. */
  readonly delay: number | undefined;
  readonly status: number | undefined;
  /** Bytes of the answer's body, in place of the JSON. */
  readonly size: number | undefined;
  /** Value of the answer's Cache-Control field. */
  readonly cache: string | undefined;
  /** Where to break the connection off. */
  readonly drop: "head" | "body" | undefined;
}

export type FaultsOutcome =
  | { readonly kind: "ok"; readonly faults: Faults }
  | { readonly kind: "invalid"; readonly problems: readonly string[] };

/** A query as Express's simple parser gives it. */
export type Query = Readonly<Record<string, string | readonly string[] | undefined>>;

class Invalid extends Error {}

const units: Readonly<Record<string, number>> = { "": 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };
const maxDelay = 600_000;
const maxSize = 16 * 2 ** 30;

function wholeNumber(text: string, min: number, max: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < min || value > max) throw new Invalid(`a whole number from ${min} to ${max}`);
  return value;
}

function bytes(text: string): number {
  const [, digits, unit] = /^(\d+)(KiB|MiB|GiB|)$/.exec(text) ?? [];
  const value = Number(digits) * (units[unit ?? ""] ?? 1);
  if (!(value <= maxSize)) throw new Invalid("bytes up to 16GiB, such as 1048576, 64KiB or 1GiB");
  return value;
}

function headerValue(text: string): string {
  try {
    validateHeaderValue("cache-control", text);
  } catch {
    throw new Invalid("a header value without control characters, such as max-age=60");
  }
  return text;
}

function dropPoint(text: string): "head" | "body" {
  if (text !== "head" && text !== "body") throw new Invalid("head or body");
  return text;
}

/** Reads the faults out of a query. Every wrong one is named with what stood there and what was expected. */
export function parseFaults(query: Query): FaultsOutcome {
  const problems: string[] = [];
  const read = <T>(name: string, parse: (text: string) => T): T | undefined => {
    const value = query[name];
    if (value === undefined) return undefined;
    try {
      if (typeof value !== "string") throw new Invalid("to be given once");
      return parse(value);
    } catch (error) {
      if (!(error instanceof Invalid)) throw error;
      problems.push(`${name}: got ${JSON.stringify(value)}, expected ${error.message}`);
      return undefined;
    }
  };
  const faults: Faults = {
    delay: read("delay", (text) => wholeNumber(text, 0, maxDelay)),
    // A status below 200 is an interim one: an answer cannot end with it.
    status: read("status", (text) => wholeNumber(text, 200, 599)),
    size: read("size", bytes),
    cache: read("cache", headerValue),
    drop: read("drop", dropPoint),
  };
  return problems.length === 0 ? { kind: "ok", faults } : { kind: "invalid", problems };
}
