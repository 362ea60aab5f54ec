import { forAll } from "@headgate/testing";
import * as fc from "fast-check";
import { formatHttpDate, parseHttpDate } from "../src/index.ts";

const T = Date.UTC(1994, 10, 6, 8, 49, 37);
const NOW = Date.UTC(2025, 5, 1);

test.each([
  "Sun, 06 Nov 1994 08:49:37 GMT",
  "Sunday, 06-Nov-94 08:49:37 GMT",
  "Sun Nov  6 08:49:37 1994",
  "sun, 06 NOV 1994 08:49:37 gmt",
  "Sun, 06 Nov 1994 08:49:37 UTC",
])("parses %s", (text) => {
  expect(parseHttpDate(text, NOW)).toBe(T);
});

test.each([
  "",
  "0",
  "-1",
  "1994-11-06T08:49:37Z",
  "Sun, 6 Nov 1994 08:49:37 GMT",
  "Sun, 06 Nov 94 08:49:37 GMT",
  "Sun, 06-Nov-1994 08:49:37 GMT",
  "Sun 06 Nov 1994 08:49:37 GMT",
  "Sun, 06  Nov 1994 08:49:37 GMT",
  "Sun, 06 Nov 1994 8:49:37 GMT",
  "Sun, 06 Nov 1994 08.49.37 GMT",
  "Sun, 06 Nov 1994 08:49 GMT",
  "Sun, 06 Nov 1994 24:00:00 GMT",
  "Sun, 06 Nov 1994 08:60:00 GMT",
  "Sun, 06 Nov 1994 08:49:61 GMT",
  "Sun, 06 Nov 1994 08:49:37",
  "Sun, 06 Nov 1994 08:49:37 EST",
  "Sun, 06 Nov 1994 08:49:37 +0000",
  " Sun, 06 Nov 1994 08:49:37 GMT",
  "Sun, 06 Nov 1994 08:49:37 GMT ",
  "Sun, 31 Feb 1994 08:49:37 GMT",
  "Sun, 00 Nov 1994 08:49:37 GMT",
  "Sun, 32 Nov 1994 08:49:37 GMT",
  "Son, 06 Nov 1994 08:49:37 GMT",
  "Sun, 06 Nox 1994 08:49:37 GMT",
  "Mon, 01 Jan 0001 00:00:00 GMT",
  "Sun, 06-Nov-94 08:49:37 GMT",
  "Sun Nov 6 08:49:37 1994",
  "Sun Nov  6 08:49:37 94",
])("refuses %j", (text) => {
  expect(parseHttpDate(text, NOW)).toBeUndefined();
});

test.each([
  ["2025-06-01", "74", 2074],
  ["2025-06-01", "75", 2075],
  ["2025-06-01", "76", 1976],
  ["2025-06-01", "25", 2025],
  ["1999-06-01", "01", 2001],
  ["1999-06-01", "49", 2049],
  ["1999-06-01", "50", 1950],
  ["2060-06-01", "09", 2109],
  ["2060-06-01", "11", 2011],
])("in %s the year %s is %i", (now, digits, year) => {
  const time = parseHttpDate(`Sunday, 06-Nov-${digits} 08:49:37 GMT`, Date.parse(now));
  expect(new Date(time ?? 0).getUTCFullYear()).toBe(year);
});

test("without now, years from 69 on are of the last century", () => {
  expect(parseHttpDate("Sunday, 06-Nov-94 08:49:37 GMT")).toBe(T);
  expect(parseHttpDate("Sunday, 06-Nov-68 08:49:37 GMT")).toBe(Date.UTC(2068, 10, 6, 8, 49, 37));
});

test("a leap second is the second before, 29 February is there in leap years only", () => {
  expect(parseHttpDate("Sat, 31 Dec 2016 23:59:60 GMT")).toBe(Date.UTC(2016, 11, 31, 23, 59, 59));
  expect(parseHttpDate("Thu, 29 Feb 2024 00:00:00 GMT")).toBe(Date.UTC(2024, 1, 29));
  expect(parseHttpDate("Wed, 29 Feb 2023 00:00:00 GMT")).toBeUndefined();
});

test("what is formatted is parsed to the same second", () => {
  expect(formatHttpDate(T + 999)).toBe("Sun, 06 Nov 1994 08:49:37 GMT");
  const seconds = fc.integer({ min: Date.UTC(1900, 0, 1) / 1000, max: Date.UTC(9999, 11, 31) / 1000 });
  forAll(seconds, (second) => parseHttpDate(formatHttpDate(second * 1000)) === second * 1000);
});
