import { z } from "zod";

const STATUS = "a status such as 503, a range such as 502-504, or 5xx";

/** Both ends included. */
export type StatusRange = [from: number, to: number];

/** A status, `502-504` or `5xx` as a range; undefined for anything else. */
export function parseStatuses(written: number | string): StatusRange | undefined {
  const [, one, to, hundreds] = /^(?:([1-5]\d\d)(?:-([1-5]\d\d))?|([1-5])xx)$/.exec(String(written)) ?? [];
  if (hundreds !== undefined) return [Number(hundreds) * 100, Number(hundreds) * 100 + 99];
  if (one === undefined) return undefined;
  const range: StatusRange = [Number(one), Number(to ?? one)];
  return range[0] <= range[1] ? range : undefined;
}

/** A status or a range of them, as it is written. */
export const status = () =>
  z
    .union([z.int(), z.string()], { error: STATUS })
    .refine((written) => parseStatuses(written) !== undefined, { error: STATUS })
    .meta({ unit: "status" });
