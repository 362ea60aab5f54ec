import type { EntryHead, StoredEntry } from "@headgate/cache";
import { BODY, frame, HEAD, unframe } from "./frame.ts";

/** What is kept of an entry beside its body: its head, and the size that was worked out for it. */
export type KeptHead = Omit<StoredEntry, "body" | "lines" | "told">;

type Check = (value: unknown) => boolean;

const isNumber: Check = (value) => typeof value === "number";
const isString: Check = (value) => typeof value === "string";
const isFlag: Check = (value) => typeof value === "boolean";
const isStrings: Check = (value) => Array.isArray(value) && value.every(isString);
const maybe =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const nullable =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);

/** Whether a value is an object whose properties all pass; others are let be. */
function isShaped(checks: Readonly<Record<string, Check>>): Check {
  const entries = Object.entries(checks);
  return (value) => {
    if (typeof value !== "object" || value === null) return false;
    const properties = value as Record<string, unknown>;
    return entries.every(([name, check]) => check(properties[name]));
  };
}

const isTerm = isShaped({ name: isString, raw: maybe(isString), value: maybe(isString) });

const HEAD_CHECKS: Readonly<Record<keyof EntryHead | "size", Check>> = {
  status: isNumber,
  fields: isStrings,
  part: nullable(isShaped({ first: isNumber, last: isNumber, total: maybe(isNumber), asked: maybe(isString) })),
  bornAt: isNumber,
  receivedAt: isNumber,
  expiresAt: isNumber,
  keepUntil: isNumber,
  vary: (value) => Array.isArray(value) && value.every(isTerm),
  shared: isFlag,
  identity: nullable(isString),
  tags: isStrings,
  validators: isShaped({ etag: maybe(isString), lastModified: maybe(isNumber), date: isNumber }),
  lastModified: maybe(isString),
  language: maybe(isString),
  noCache: isFlag,
  immutable: isFlag,
  stale: (value) => value === "forbidden" || value === "explicit" || value === "allowed",
  staleWhileRevalidate: isNumber,
  staleIfError: isNumber,
  assumed: isFlag,
  backend: isString,
  size: isNumber,
};

const isHead = isShaped(HEAD_CHECKS) as (value: unknown) => value is KeptHead;

/** An entry without its body, as it is kept: JSON in a frame. */
export function encodeHead(entry: StoredEntry): Buffer {
  const { body: _, lines: __, told: ___, ...head } = entry;
  return frame(HEAD, Buffer.from(JSON.stringify(head)));
}

/** The head of an entry; undefined where the value is none, for whatever reason. Never throws. */
export function decodeHead(value: Buffer): KeptHead | undefined {
  const payload = unframe(HEAD, value);
  if (payload === undefined) return undefined;
  try {
    const head: unknown = JSON.parse(payload.toString());
    return isHead(head) ? head : undefined;
  } catch {
    return undefined;
  }
}

/** A body as it is kept: its bytes in a frame. */
export function encodeBody(body: Buffer): Buffer {
  return frame(BODY, body);
}

/** The bytes of a body; undefined where the value is none. */
export function decodeBody(value: Buffer): Buffer | undefined {
  return unframe(BODY, value);
}
