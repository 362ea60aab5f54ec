/** A duration or size that could not be read; `hint` is the spelling that was probably meant. */
export interface UnitFailure {
  ok: false;
  hint?: string;
}
export type UnitResult = { ok: true; value: number } | UnitFailure;

interface UnitTable {
  /** Unit as written → factor, largest first, so that formatting finds the largest that divides. */
  units: ReadonlyMap<string, number>;
  /** Common wrong spellings, lower case → the right one. */
  aliases: ReadonlyMap<string, string>;
}

const spellings = (table: Record<string, string>): ReadonlyMap<string, string> =>
  new Map(Object.entries(table).flatMap(([right, wrong]) => wrong.split(" ").map((each) => [each, right] as const)));

const DURATIONS: UnitTable = {
  units: new Map([
    ["d", 86_400_000],
    ["h", 3_600_000],
    ["m", 60_000],
    ["s", 1000],
    ["ms", 1],
  ]),
  aliases: spellings({
    ms: "msec msecs millis millisecond milliseconds",
    s: "s sec secs second seconds",
    m: "min mins minute minutes",
    h: "h hr hrs hour hours",
    d: "d day days",
  }),
};

const SIZES: UnitTable = {
  units: new Map([
    ["GiB", 1024 ** 3],
    ["GB", 1000 ** 3],
    ["MiB", 1024 ** 2],
    ["MB", 1000 ** 2],
    ["KiB", 1024],
    ["KB", 1000],
    ["B", 1],
  ]),
  aliases: spellings({
    B: "b byte bytes",
    KiB: "k ki kib",
    KB: "kb",
    MiB: "m mi mib",
    MB: "mb",
    GiB: "g gi gib",
    GB: "gb",
  }),
};

const QUANTITY = /^(\d+(?:\.\d+)?)(\s*)([a-z]*)$/i;

function parse(text: string, { units, aliases }: UnitTable): UnitResult {
  const [, digits = "", space = "", unit = ""] = QUANTITY.exec(text.trim()) ?? [];
  if (digits === "") return { ok: false };
  const factor = unit === "" ? 1 : units.get(unit);
  if (factor !== undefined && space === "") return { ok: true, value: Math.round(Number(digits) * factor) };
  const meant = units.has(unit) ? unit : aliases.get(unit.toLowerCase());
  return meant === undefined ? { ok: false } : { ok: false, hint: `${digits}${meant}` };
}

function format(value: number, { units }: UnitTable, only: (unit: string) => boolean): string | number {
  if (value === 0) return 0;
  for (const [unit, factor] of units) if (only(unit) && value % factor === 0) return `${value / factor}${unit}`;
  return value;
}

/** `250ms`, `1s`, `5m`, `1h`, `1d`, or bare milliseconds → milliseconds, rounded to whole ones. */
export const parseDuration = (text: string): UnitResult => parse(text, DURATIONS);

/** `512B`, `64KiB`, `10MiB`, `1GiB` (powers of 1024), `64KB`, `10MB`, `1GB` (of 1000), or bare bytes → whole bytes. */
export const parseSize = (text: string): UnitResult => parse(text, SIZES);

/** Milliseconds → the shortest exact spelling that `parseDuration` reads back: 90000 → `90s`. */
export const formatDuration = (ms: number): string | number => format(ms, DURATIONS, () => true);

/** Bytes → the shortest exact spelling that `parseSize` reads back: 65536 → `64KiB`. */
export const formatSize = (bytes: number): string | number =>
  format(bytes, SIZES, (unit) => unit !== "B" && unit.endsWith("iB"));

/** `10%` → 0.1. A bare number is no share in text: whether 10 means 10 % or ten times cannot be told. */
export function parseShare(text: string): UnitResult {
  const [, digits] = /^(\d+(?:\.\d+)?)%$/.exec(text.trim()) ?? [];
  if (digits !== undefined) return { ok: true, value: Number(digits) / 100 };
  return /^\d+(\.\d+)?$/.test(text.trim()) ? { ok: false, hint: `${text.trim()}%` } : { ok: false };
}

/** 0.1 → `10%`. */
export const formatShare = (share: number): string => `${Math.round(share * 1e6) / 1e4}%`;
