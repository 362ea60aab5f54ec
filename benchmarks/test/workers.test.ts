import { onCpus } from "../workers/scaling.ts";
import { scalingTable, speedUp } from "../workers/table.ts";

const ONE = [1000, 2000, 1500];
const TWO = [1900, 4200, 2400];
const HITS = { scenario: "hit1k", peer: "headgate", one: ONE, two: TWO, apart: [2000, 4000, 2700] };

test("what a second worker brings is compared by repetition, since the machine's speed changes between them", () => {
  expect(speedUp(ONE, TWO)).toEqual({ median: 1.9, min: 1.6, max: 2.1 });
});

test("the table tells the rates and how they compare, with each other and with what the machine gives", () => {
  const table = scalingTable([HITS]);
  expect(table).toContain("hit1k");
  expect(table).toMatch(/1,500 \|\s+2,400 \|\s+× 1\.90 \(1\.60–2\.10\) \|\s+× 2\.00 \(1\.80–2\.00\)/);
});

test("a command is confined to its CPUs and keeps its environment", () => {
  expect(onCpus([0, 1], { file: "nginx", args: ["-v"] })).toEqual({
    file: "taskset",
    args: ["-c", "0,1", "nginx", "-v"],
  });
  expect(onCpus([1], { file: "node", args: [], env: { A: "1" } })).toEqual({
    ...{ file: "taskset", args: ["-c", "1", "node"] },
    env: { A: "1" },
  });
});
