import { clockTime, duration, elapsed, latency, percent, rate, size } from "../../src/cli/table-format.ts";
import { tryNext } from "../../src/cli/table-hints.ts";

test("clock time is local", () => {
  expect(clockTime(new Date(2026, 0, 2, 3, 4, 5).getTime())).toBe("03:04:05");
  expect(clockTime(null)).toBe("-");
});

test.each([
  [0, "0"],
  [0.1, "0.1"],
  [25.06, "25.1"],
  [999.4, "999.4"],
  [999.6, "1000"],
  [12_345.6, "12346"],
])("rate %d", (perSecond, expected) => expect(rate(perSecond)).toBe(expected));

test.each([
  [0, "0 ms"],
  [250, "250 ms"],
  [1500, "1.5 s"],
  [60_000, "1 min"],
  [299_000, "4 min 59 s"],
  [300_400, "5 min"],
  [7_200_000, "2 h"],
])("duration %d", (ms, expected) => expect(duration(ms)).toBe(expected));

test.each([
  [null, "-"],
  [0.049, "0.0 ms"],
  [0.4, "0.4 ms"],
  [0.96, "1 ms"],
  [4.2, "4 ms"],
  [950, "950 ms"],
  [9_999, "9999 ms"],
  [12_345, "12.3 s"],
])("latency %p", (ms, expected) => expect(latency(ms)).toBe(expected));

test.each([
  [null, "-"],
  [0, "0.0 %"],
  [0.125, "12.5 %"],
  [1, "100.0 %"],
])("percent %p", (share, expected) => expect(percent(share)).toBe(expected));

test.each([
  [0, "0 s"],
  [59_999, "59 s"],
  [200_000, "3 min 20 s"],
  [7_500_000, "2 h 05 min"],
  [273_600_000, "3 d 04 h"],
])("elapsed %d", (ms, expected) => expect(elapsed(ms)).toBe(expected));

test.each([
  [0, "0 B"],
  [1023, "1023 B"],
  [1024, "1 KiB"],
  [1536, "1.5 KiB"],
  [67_108_864, "64 MiB"],
  [5e15, "4547.5 TiB"],
])("size %d", (bytes, expected) => expect(size(bytes)).toBe(expected));

describe("what to try next", () => {
  const auth = (key: string, header = "X-API-Key") => ({ auth: { header, apiKeys: [{ name: "dev", key }] } });
  const development = auth("test-api-key-123");

  test("is the quick start with the defaults", () => {
    expect(tryNext(development, ["http://localhost:8080", "https://localhost:8443"])).toEqual([
      'curl -k https://localhost:8443/test -H "X-API-Key: test-api-key-123"',
      "pnpm loadtest --rps 100 --duration 10",
    ]);
  });

  test("names another address and field where they are others", () => {
    expect(tryNext(auth("test-api-key-123", "X-Key"), ["http://localhost:9090"])).toEqual([
      'curl http://localhost:9090/test -H "X-Key: test-api-key-123"',
      "pnpm loadtest --rps 100 --duration 10 --url http://localhost:9090/test",
    ]);
  });

  test("is nothing where the key is somebody's own, or nothing listens", () => {
    expect(tryNext(auth("secret"), ["https://localhost:8443"])).toEqual([]);
    expect(tryNext(development, [])).toEqual([]);
  });
});
