import fc from "fast-check";
import { formatDuration, formatSize, parseDuration, parseSize } from "../src/config/units.ts";

test.each([
  ["250ms", 250],
  ["1s", 1000],
  ["1.5s", 1500],
  ["5m", 300_000],
  ["1h", 3_600_000],
  ["1d", 86_400_000],
  ["300", 300],
  ["0", 0],
  [" 1s ", 1000],
])("%j is %d ms", (text, value) => {
  expect(parseDuration(text)).toEqual({ ok: true, value });
});

test.each([
  ["512B", 512],
  ["64KiB", 65_536],
  ["10MiB", 10_485_760],
  ["1GiB", 1_073_741_824],
  ["64KB", 64_000],
  ["10MB", 10_000_000],
  ["1GB", 1_000_000_000],
  ["0.5KiB", 512],
  ["1024", 1024],
])("%j is %d bytes", (text, value) => {
  expect(parseSize(text)).toEqual({ ok: true, value });
});

test.each([
  [parseDuration, "1 sec", "1s"],
  [parseDuration, "1 s", "1s"],
  [parseDuration, "5min", "5m"],
  [parseDuration, "2 Hours", "2h"],
  [parseDuration, "10 msecs", "10ms"],
  [parseSize, "64k", "64KiB"],
  [parseSize, "64kib", "64KiB"],
  [parseSize, "10 MiB", "10MiB"],
  [parseSize, "10mb", "10MB"],
  [parseSize, "10M", "10MiB"],
])("%p refuses %j and hints at %j", (parse, text, hint) => {
  expect(parse(text)).toEqual({ ok: false, hint });
});

test.each(["", "s", "-1s", "1s2", "1m30s", "1e3", "ten", "1fortnight", "1,5s", "0x10"])(
  "%j is no quantity at all",
  (text) => {
    expect(parseDuration(text)).toEqual({ ok: false });
    expect(parseSize(text)).toEqual({ ok: false });
  },
);

test.each([
  [formatDuration, 0, 0],
  [formatDuration, 90_000, "90s"],
  [formatDuration, 300_000, "5m"],
  [formatDuration, 250, "250ms"],
  [formatSize, 0, 0],
  [formatSize, 65_536, "64KiB"],
  [formatSize, 8_388_608, "8MiB"],
  [formatSize, 1000, 1000],
])("%p tells %d as %p", (format, value, formatted) => {
  expect(format(value)).toBe(formatted);
});

test("what is formatted is parsed back to the same number", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 40 }), (value) => {
      expect(parseDuration(String(formatDuration(value)))).toEqual({ ok: true, value });
      expect(parseSize(String(formatSize(value)))).toEqual({ ok: true, value });
    }),
  );
});
