import { stripVTControlCharacters } from "node:util";
import fc from "fast-check";
import { renderTable, type TableSize, type TableView } from "../../src/cli/table.ts";
import type { PoolStatus } from "../../src/control/control-plane.ts";
import { LiveStats } from "../../src/observability/live-stats.ts";
import { aBackend, aPool } from "../admin/fake-control.ts";
import { anAttempt, anExchange } from "../observability/records.ts";

const WIDE: TableSize = { columns: 120, rows: 40, colour: false };
const at = (hours: number, minutes: number, seconds: number): number =>
  new Date(2026, 0, 2, hours, minutes, seconds).getTime();

const pool = (name: string, ...backends: PoolStatus["backends"]): PoolStatus => aPool(name, backends);

test.each<[Partial<PoolStatus>, string]>([
  [{ balancing: "peak-ewma" }, "| default (peak-ewma) "],
  [{ limit: 20, active: 20, waiting: 3 }, "| default (round-robin, 20 of 20 in flight, 3 waiting) "],
  [{ breaker: "half-open" }, "| default (round-robin, breaker half-open) "],
  [{ sticky: "hg_backend" }, "| default (round-robin, sticky) "],
  [{ subset: 20 }, "| default (round-robin, subset of 20) "],
  [{ panic: true }, "| default (round-robin, panic) "],
])("a pool alone has a title where there is something to know of it: %j", (changes, title) => {
  const pools = [aPool("default", [aBackend(8000)], changes)];
  expect(renderTable(view({ pools }), WIDE).join("\n")).toContain(title);
});

test("a pool alone that is as by default has none", () => {
  const pools = [aPool("default", [aBackend(8000)], { breaker: "closed" })];
  expect(renderTable(view({ pools }), WIDE).join("\n")).not.toContain("default");
});

/** A gateway whose first backend answered 251 requests in ten seconds. */
function busy(): LiveStats {
  const stats = new LiveStats(0);
  for (let count = 0; count < 251; count++) {
    const end = 30_000 + count * 39;
    const attempts = [anAttempt({ startedAt: end - 5, headAt: end - 1 })];
    stats.record(anExchange({ startedTick: end - 8, endTick: end, attempts, cache: count % 4 === 0 ? "HIT" : "MISS" }));
  }
  return stats;
}

function view(changes: Partial<TableView> = {}): TableView {
  const pools = [pool("default", aBackend(8000), aBackend(8001))];
  return { pools, live: new LiveStats(0).snapshot(0), uptime: 0, reloadError: null, hints: [], ...changes };
}

test("has the shape that the product promises", () => {
  const first = aBackend(8000, { active: 3, lastHealthy: at(12, 34, 56) });
  const second = aBackend(8001, { state: "UNREACHABLE", failures: 3, lastHealthy: at(12, 30, 0) });
  const lines = renderTable(view({ pools: [pool("default", first, second)], live: busy().snapshot(40_000 - 1) }), WIDE);
  expect(lines.slice(0, 4)).toEqual([
    "=== Backend Server Status ===",
    "| Backend URL           | Status      | Failures | Last Healthy | Active | Req/s | p99   |",
    "| http://127.0.0.1:8000 | HEALTHY     |        0 | 12:34:56     |      3 |  25.1 | 4 ms  |",
    "| http://127.0.0.1:8001 | UNREACHABLE |        3 | 12:30:00     |      0 |     0 | -     |",
  ]);
});

test.each([
  [{ state: "NOT_INITIATED", lastHealthy: null }, "| NOT_INITIATED |        0 | -            |"],
  [{ draining: true }, "| HEALTHY (DRAINING) |"],
  [{ ejected: true, state: "UNREACHABLE" }, "| UNREACHABLE (EJECTED) |"],
  [{ draining: true, ejected: true }, "| HEALTHY (DRAINING, EJECTED) |"],
] as const)("%j", (changes, expected) => {
  const [, , row] = renderTable(view({ pools: [pool("default", aBackend(8000, changes))] }), WIDE);
  expect(row).toContain(expected);
});

test("sums up below the table", () => {
  const lines = renderTable(view({ live: busy().snapshot(40_000 - 1), uptime: 3_725_000 }), WIDE);
  expect(lines.at(-2)).toBe("");
  expect(lines.at(-1)).toBe("25.1 req/s   p99 8 ms   cache hits 25.1 %   errors 0 of 251   up 1 h 02 min");
});

test("says what to try next", () => {
  const lines = renderTable(view({ hints: ["curl one", "pnpm two"] }), WIDE);
  expect(lines.slice(-3)).toEqual(["", "Try: curl one", "Try: pnpm two"]);
});

test("says why the config file was not taken over", () => {
  expect(renderTable(view({ reloadError: "pools: expected an object\nroutes: expected a list" }), WIDE).at(-1)).toBe(
    "Config not taken over: pools: expected an object",
  );
});

test("a single pool goes without its name, several are grouped under theirs", () => {
  expect(renderTable(view(), WIDE).join("\n")).not.toContain("default");
  const pools = [pool("default", aBackend(8000)), pool("api", aBackend(9000, { pool: "api" })), pool("empty")];
  expect(renderTable(view({ pools }), WIDE).slice(1, 7)).toEqual([
    "| Backend URL           | Status  | Failures | Last Healthy | Active | Req/s | p99   |",
    "| default (round-robin)                                                              |",
    expect.stringContaining("| http://127.0.0.1:8000 |"),
    "| api (round-robin)                                                                  |",
    expect.stringContaining("| http://127.0.0.1:9000 |"),
    "| empty (round-robin)                                                                |",
  ]);
});

test("a gateway without backends has a table without rows", () => {
  expect(renderTable(view({ pools: [pool("default")] }), WIDE)[1]).toBe(
    "| Backend URL | Status | Failures | Last Healthy | Active | Req/s | p99 |",
  );
});

describe("where the terminal is narrow", () => {
  const pools = [pool("default", aBackend(8000), aBackend(8001, { state: "UNREACHABLE", ejected: true }))];
  const header = (columns: number): string | undefined => renderTable(view({ pools }), { ...WIDE, columns })[1];

  test.each([
    [100, "| Backend URL           | Status                | Failures | Last Healthy | Active | Req/s | p99   |"],
    [99, "|Backend URL          |Status               |Failures|Last Healthy|Active|Req/s|p99  |"],
    [86, "|Backend URL          |Status               |Failures|Last Healthy|Active|Req/s|p99  |"],
    [80, "|Backend URL          |Status               |Failures|Last Healthy|Req/s|p99  |"],
    [78, "|Backend URL          |Status               |Failures|Last Healthy|Req/s|"],
    [72, "| Backend URL           | Status                | Failures | Req/s |"],
    [60, "|Backend URL          |Status               |Failures|Req/s|"],
    [57, "| Backend URL           | Status                | Req/s |"],
    [46, "|Backend URL          |Status               |"],
    [40, "|Backend URL     |Status               |"],
  ])("%d columns: loses padding, then columns, then the URLs' ends", (columns, expected) =>
    expect(header(columns)).toBe(expected),
  );

  test("a URL that is cut off shows it", () => {
    expect(renderTable(view({ pools }), { ...WIDE, columns: 40 })[2]).toBe("|http://127.0.0.…|HEALTHY              |");
  });
});

describe("where the terminal is low", () => {
  const pools = [pool("default", ...Array.from({ length: 20 }, (_, index) => aBackend(8000 + index)))];
  const low = (rows: number): string[] => renderTable(view({ pools, hints: ["curl one"] }), { ...WIDE, rows });

  test("the hints go first", () => {
    expect(low(26)).toHaveLength(26);
    expect(low(25).join("\n")).not.toContain("Try:");
    expect(low(25)).toHaveLength(24);
  });

  test("then the last backends, told as a number", () => {
    const lines = low(10);
    expect(lines).toHaveLength(10);
    expect(lines.at(-3)).toBe("... and 15 more: make the window higher");
    expect(lines.at(-1)).toContain("0 req/s");
  });
});

test("is never wider or higher than the terminal, whatever is shown", () => {
  const texts = fc.string({ maxLength: 60 });
  fc.assert(
    fc.property(
      fc.integer({ min: 25, max: 130 }),
      fc.integer({ min: 6, max: 30 }),
      fc.nat(12),
      texts,
      fc.boolean(),
      (columns, rows, count, text, colour) => {
        const backends = Array.from({ length: count }, (_, index) =>
          aBackend(8000 + index, { draining: index % 2 === 0 }),
        );
        const pools = [pool("default", ...backends), pool("a-pool-with-quite-a-long-name", aBackend(1))];
        const hint = text.replace(/\s/g, "x");
        const lines = renderTable(view({ pools, hints: [hint], reloadError: hint }), { columns, rows, colour });
        expect(lines.length).toBeLessThanOrEqual(rows);
        for (const line of lines) expect(stripVTControlCharacters(line).length).toBeLessThanOrEqual(columns);
      },
    ),
  );
});

test("colour changes nothing but colour", () => {
  const pools = [
    pool("default", aBackend(8000), aBackend(8001, { state: "UNREACHABLE" }), aBackend(8002, { draining: true })),
  ];
  const coloured = renderTable(view({ pools }), { ...WIDE, colour: true });
  expect(coloured[2]).toContain("\u001b[32mHEALTHY\u001b[39m");
  expect(coloured[3]).toContain("\u001b[31mUNREACHABLE\u001b[39m");
  expect(coloured[4]).toContain("\u001b[33mHEALTHY (DRAINING)\u001b[39m");
  expect(coloured.map(stripVTControlCharacters)).toEqual(renderTable(view({ pools }), WIDE));
});
