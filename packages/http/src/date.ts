const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const MONTH = `(${MONTHS.join("|")})`;
const TIME = String.raw`(\d\d):(\d\d):(\d\d)`;
const DAY = "(?:mon|tue|wed|thu|fri|sat|sun)";
const LONG_DAY = "(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday)";

// RFC 9111 §4.2: a cache matches dates case-insensitively and takes UTC for GMT; any other zone is invalid.
const IMF_FIXDATE = new RegExp(String.raw`^${DAY}, (\d\d) ${MONTH} (\d{4}) ${TIME} (?:gmt|utc)$`, "i");
const RFC850_DATE = new RegExp(String.raw`^${LONG_DAY}, (\d\d)-${MONTH}-(\d\d) ${TIME} (?:gmt|utc)$`, "i");
const ASCTIME_DATE = new RegExp(String.raw`^${DAY} ${MONTH} (\d\d| \d) ${TIME} (\d{4})$`, "i");

const OLDEST_YEAR = 1900;

function toTime(year: number, month: string, day: string, time: readonly (string | undefined)[]): number | undefined {
  const monthIndex = MONTHS.indexOf(month.toLowerCase());
  const [hour, minute, second] = time.map(Number);
  if (hour === undefined || minute === undefined || second === undefined) return undefined;
  if (year < OLDEST_YEAR || hour > 23 || minute > 59 || second > 60) return undefined;
  // A leap second becomes the nearest earlier time that we can tell (RFC 9111 §4.2).
  const ms = Date.UTC(year, monthIndex, Number(day), hour, minute, Math.min(second, 59));
  // Date.UTC lets 31 February roll over into March; a date that does not exist is invalid.
  return new Date(ms).getUTCDate() === Number(day) ? ms : undefined;
}

/** RFC 9110 §5.6.7: more than 50 years ahead means the most recent past year with the same two digits. */
function fullYear(twoDigits: number, now: number | undefined): number {
  if (now === undefined) return twoDigits + (twoDigits < 69 ? 2000 : 1900);
  const thisYear = new Date(now).getUTCFullYear();
  const sameCentury = thisYear - (thisYear % 100) + twoDigits;
  const candidate = sameCentury <= thisYear - 50 ? sameCentury + 100 : sameCentury;
  return candidate > thisYear + 50 ? candidate - 100 : candidate;
}

/** The fixdate that was parsed last: for a second all responses have the same Date. */
let lastText = "";
let lastTime: number | undefined;

/**
 * Parses an HTTP-date of any of the three formats (IMF-fixdate, RFC 850, asctime; RFC 9110 §5.6.7) into milliseconds since
 * the epoch. Strict but for case: anything else, including what `Date.parse` would take, is undefined. The name of the day is
 * not compared with the date. Years before 1900 (RFC 5322 §3.3), such as the zero date of some platforms, are undefined.
 * @param now ms; two-digit years are read relative to it. Without it 69–99 are 19xx and 00–68 are 20xx (POSIX).
 */
export function parseHttpDate(s: string, now?: number): number | undefined {
  if (s === lastText) return lastTime;
  const fixdate = IMF_FIXDATE.exec(s);
  if (fixdate) {
    const [, day = "", month = "", year, ...time] = fixdate;
    lastText = s;
    lastTime = toTime(Number(year), month, day, time);
    return lastTime;
  }
  const rfc850 = RFC850_DATE.exec(s);
  if (rfc850) {
    const [, day = "", month = "", year, ...time] = rfc850;
    return toTime(fullYear(Number(year), now), month, day, time);
  }
  const asctime = ASCTIME_DATE.exec(s);
  if (!asctime) return undefined;
  const [, month = "", day = "", hour, minute, second, year] = asctime;
  return toTime(Number(year), month, day, [hour, minute, second]);
}

/** Formats milliseconds since the epoch as an IMF-fixdate, the only format to be sent; parts of a second are dropped. */
export function formatHttpDate(ms: number): string {
  return new Date(ms).toUTCString();
}
