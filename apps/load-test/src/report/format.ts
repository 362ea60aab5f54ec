const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

/** 1234567 → `1,234,567`. */
export const formatCount = (value: number): string => whole.format(value);

/** At most three digits that matter: `0.12`, `3.4`, `56`, `1,234`. */
export function formatNumber(value: number): string {
  if (value >= 100 || Number.isInteger(value)) return formatCount(value);
  return String(Number(value.toPrecision(value >= 10 ? 3 : 2)));
}

/** Milliseconds as a person reads them: `0.85 ms`, `12.3 ms`, `1.5 s`. */
export const formatTime = (ms: number): string =>
  ms >= 1000 ? `${formatNumber(ms / 1000)} s` : `${formatNumber(ms)} ms`;

/** A share of 0 to 1: `0 %`, `0.04 %`, `25.0 %`. */
export function formatShare(share: number): string {
  const percent = share * 100;
  return `${percent !== 0 && percent < 0.1 ? formatNumber(percent) : percent.toFixed(1)} %`;
}

/** `512 B`, `3.2 KiB`, `1.5 GiB`. */
export function formatBytes(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  const step = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  return `${formatNumber(bytes / 2 ** (10 * step))} ${units[step]}`;
}

/** Requests a second: `99.8/s`. */
export const formatRate = (rate: number): string => `${rate >= 1000 ? formatCount(rate) : Number(rate.toFixed(1))}/s`;
