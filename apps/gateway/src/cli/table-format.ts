/** `12:34:56` in local time; `-` for never. */
export function clockTime(ms: number | null): string {
  return ms === null ? "-" : new Date(ms).toTimeString().slice(0, 8);
}

/** `25.1`, `1234`; `0` where nothing happens. */
export function rate(perSecond: number): string {
  if (perSecond === 0) return "0";
  return perSecond < 999.5 ? perSecond.toFixed(1) : perSecond.toFixed(0);
}

/** `4 ms`, `12.3 s`; `-` where nothing was measured. */
export function latency(ms: number | null): string {
  if (ms === null) return "-";
  if (ms < 0.95) return `${ms.toFixed(1)} ms`;
  return ms < 9_999.5 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** `12.5 %`; `-` for a share of nothing. */
export function percent(share: number | null): string {
  return share === null ? "-" : `${(100 * share).toFixed(1)} %`;
}

/** `45 s`, `3 min 20 s`, `2 h 05 min`, `3 d 04 h`. */
export function elapsed(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const [minutes, hours, days] = [Math.floor(seconds / 60), Math.floor(seconds / 3600), Math.floor(seconds / 86_400)];
  const two = (value: number): string => String(value).padStart(2, "0");
  if (days > 0) return `${days} d ${two(hours % 24)} h`;
  if (hours > 0) return `${hours} h ${two(minutes % 60)} min`;
  return minutes > 0 ? `${minutes} min ${two(seconds % 60)} s` : `${seconds} s`;
}

/** A time that a config sets: `250 ms`, `3 s`, `1.5 s`, `5 min`, `1 h`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${Math.round(ms / 100) / 10} s`;
  if (ms % 60_000 >= 1000) return elapsed(ms);
  const minutes = Math.floor(ms / 60_000);
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${minutes} min`;
}

const SIZES = ["B", "KiB", "MiB", "GiB", "TiB"];

/** `512 B`, `1.5 KiB`, `64 MiB`. */
export function size(bytes: number): string {
  const power = bytes < 1024 ? 0 : Math.min(SIZES.length - 1, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** power;
  return `${Number.isInteger(value) ? value : value.toFixed(1)} ${SIZES[power]}`;
}
