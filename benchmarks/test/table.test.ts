import { SCENARIOS, type Scenario } from "../src/scenarios.ts";
import { markdownTable, scenarioTable } from "../src/table.ts";
import { cost, result } from "./support.ts";

function scenario(name: string): Scenario {
  const found = SCENARIOS.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no scenario ${name}`);
  return found;
}

test("columns stand below each other: names to the left, figures to the right", () => {
  expect(
    markdownTable([
      ["proxy", "µs"],
      ["a", "1234.5"],
      ["longer name", "7"],
    ]),
  ).toBe(
    [
      "| proxy       |     µs |",
      "| ----------- | -----: |",
      "| a           | 1234.5 |",
      "| longer name |      7 |",
    ].join("\n"),
  );
});

test("the cheapest comes first, each set against nginx", () => {
  const table = scenarioTable(scenario("pass1k"), [
    result({ peer: "headgate", ...cost(50), errors: 2 }),
    result({ peer: "nginx", ...cost(20) }),
  ]);
  const [, , first, second] = table.split("\n").map((line) => line.split("|").map((cell) => cell.trim()));
  expect(first).toEqual(["", "nginx", "20.0 (19.0–21.0)", "1.00", "12,346", "1.23", "5.68", "61", "99 %", "0", ""]);
  expect(second?.slice(1, 4)).toEqual(["headgate", "50.0 (49.0–51.0)", "2.50"]);
  expect(second?.[9]).toBe("2");
});

test("without nginx nothing is set against it", () => {
  const table = scenarioTable(scenario("hit1k"), [result({ peer: "headgate" })]);
  expect(table.split("\n")[2]?.split("|")[3]?.trim()).toBe("–");
});

test("an open load is about the 99th percentile, and says what was asked for", () => {
  const table = scenarioTable(scenario("p99"), [
    result({ peer: "headgate", p99: 9, rate: 8000 }),
    result({ peer: "nginx", p99: 4.5, rate: 20_000 }),
  ]);
  const last = table.split("\n")[3]?.split("|");
  expect(last?.slice(1, 6).map((cell) => cell.trim())).toEqual(["headgate", "1.23", "9.00", "2.00", "8,000"]);
});

test("idle connections are about memory", () => {
  const table = scenarioTable(scenario("idle10k"), [result({ peer: "headgate", connectionKb: 6.04 })]);
  expect(table).toContain("| headgate |            6.0 |");
});
