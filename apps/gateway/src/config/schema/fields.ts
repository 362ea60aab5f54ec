import { z } from "zod";
import {
  formatDuration,
  formatShare,
  formatSize,
  parseDuration,
  parseShare,
  parseSize,
  type UnitResult,
} from "../units.ts";

/*
 * Building blocks of the sections. An `error` given to zod here is the *expected* part of the message
 * ("found 99999, expected a port …"), so it is a noun phrase. `unit` and `writeOnly` (JSON Schema's word for a secret) in
 * the metadata are read by the config printer and the documentation.
 */

/** 24 days: a Node timer can wait 2^31 − 1 ms, and a longer one would fire at once. */
const LONGEST_TIMER = 24 * 86_400_000;

interface Limits {
  min?: number;
  max?: number;
}

interface Quantity {
  unit: "duration" | "size";
  parse(text: string): UnitResult;
  format(value: number): string | number;
  /** What is expected where the text cannot be read. */
  expected: string;
  /** The same for editors. */
  pattern: string;
}

const DURATION: Quantity = {
  unit: "duration",
  parse: parseDuration,
  format: formatDuration,
  expected: "a duration such as 250ms, 1s, 5m",
  pattern: String.raw`^\d+(\.\d+)?(ms|s|m|h|d)?$`,
};

const SIZE: Quantity = {
  unit: "size",
  parse: parseSize,
  format: formatSize,
  expected: "a size such as 64KiB, 10MiB, 1GB",
  pattern: String.raw`^\d+(\.\d+)?([KMG]i?B|B)?$`,
};

function quantity({ unit, parse, format, expected, pattern }: Quantity, min: number, max: number) {
  const fault = (written: string | number, result: UnitResult): { message: string; nearest?: string | undefined } => {
    if (!result.ok) return { message: expected, nearest: result.hint };
    if (result.value < min) return { message: `a ${unit} of at least ${format(min)}` };
    if (result.value > max) return { message: `a ${unit} of at most ${format(max)}` };
    return { message: `${expected}, or a whole number, and not ${written}` };
  };
  return z
    .union([z.number(), z.string()], { error: expected })
    .transform((written, context) => {
      const result: UnitResult = typeof written === "number" ? { ok: true, value: written } : parse(written);
      if (result.ok && Number.isInteger(result.value) && result.value >= min && result.value <= max)
        return result.value;
      const { message, nearest } = fault(written, result);
      context.addIssue({ code: "custom", message, params: { nearest } });
      return z.NEVER;
    })
    .meta({ unit, pattern });
}

/** Milliseconds from `250ms`, `1s`, `5m`, `1h`, `1d` or a bare number; at least 1 ms and at most what a timer can wait. */
export const duration = ({ min = 1, max = LONGEST_TIMER }: Limits = {}) => quantity(DURATION, min, max);

/** Bytes from `64KiB`, `10MiB`, `1GB` or a bare number. */
export const size = ({ min = 0, max = Number.MAX_SAFE_INTEGER }: Limits = {}) => quantity(SIZE, min, max);

/** A whole number. */
export const count = (min: number, max: number = Number.MAX_SAFE_INTEGER) => {
  const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
  return z
    .int({ error: `a whole number ${range}` })
    .min(min, `a whole number ${range}`)
    .max(max, `a whole number ${range}`);
};

const PORT = "a port from 1 to 65535 (or 0: any free one)";
export const port = () => z.int({ error: PORT }).min(0, PORT).max(65_535, PORT);

/** A string that matches, told as `expected` where it does not. */
export const text = (pattern: RegExp, expected: string) => z.string({ error: expected }).regex(pattern, expected);

/** A field name or method (RFC 9110 §5.6.2 token). */
export const token = (expected: string) => text(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, expected);

export const flag = () => z.boolean({ error: "true or false" });

/** A path to a file; a relative one is resolved against the config file's folder. */
export const file = () => text(/\S/, "the path of a file").meta({ file: true });

const SHARE = "a share such as 10% or 0.1";

/** A share of a whole: `10%`, or 0.1; from 0 to 1 or what `max` says. */
export const share = (min = 0, max = 1) =>
  z
    .union([z.number(), z.string()], { error: SHARE })
    .transform((written, context) => {
      const result: UnitResult = typeof written === "number" ? { ok: true, value: written } : parseShare(written);
      if (result.ok && result.value >= min && result.value <= max) return result.value;
      const message = result.ok ? `a share from ${formatShare(min)} to ${formatShare(max)}` : SHARE;
      context.addIssue({ code: "custom", message, params: result.ok ? {} : { nearest: result.hint } });
      return z.NEVER;
    })
    .meta({ unit: "share", pattern: String.raw`^\d+(\.\d+)?%$` });

/** A number that need not be whole. */
export const factor = (min: number, max: number) => {
  const range = `a number from ${min} to ${max}`;
  return z.number({ error: range }).min(min, range).max(max, range);
};
