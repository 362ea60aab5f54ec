import { z } from "zod";
import { parseDuration, parseSize, type UnitResult } from "../units.ts";

/*
 * Building blocks of the sections. An `error` given to zod here is the *expected* part of the message
 * ("found 99999, expected a port …"), so it is a noun phrase. `unit` and `writeOnly` (JSON Schema's word for a secret) in
 * the metadata are read by the config printer and the documentation.
 */

/** The longest that a Node timer can wait (2^31 − 1 ms): a longer one would fire at once. */
const LONGEST_TIMER = 2_147_483_647;

interface Limits {
  min?: number;
  max?: number;
}

function quantity(unit: "duration" | "size", parse: (text: string) => UnitResult, expected: string, limits: Limits) {
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = limits;
  return z
    .union([z.number(), z.string()], { error: expected })
    .transform((written, context) => {
      const result: UnitResult = typeof written === "number" ? { ok: true, value: written } : parse(written);
      if (result.ok && Number.isInteger(result.value) && result.value >= min && result.value <= max)
        return result.value;
      const hint = result.ok ? undefined : result.hint;
      context.addIssue({ code: "custom", message: expected, params: hint ? { nearest: hint } : {} });
      return z.NEVER;
    })
    .meta({ unit });
}

/** Milliseconds from `250ms`, `1s`, `5m`, `1h`, `1d` or a bare number; at least 1 ms and at most what a timer can wait. */
export const duration = ({ min = 1, max = LONGEST_TIMER }: Limits = {}) => {
  const atLeast = min > 0 ? ` of at least ${min} ms` : "";
  return quantity("duration", parseDuration, `a duration${atLeast} such as 250ms, 1s, 5m (24d at most)`, { min, max });
};

/** Bytes from `64KiB`, `10MiB`, `1GB` or a bare number. */
export const size = ({ min = 0, max }: Limits = {}) => {
  const atLeast = min > 0 ? ` of at least ${min} bytes` : "";
  return quantity(
    "size",
    parseSize,
    `a size${atLeast} such as 64KiB, 10MiB, 1GB`,
    max === undefined ? { min } : { min, max },
  );
};

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
