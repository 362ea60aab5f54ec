import { drawChart } from "../src/chart.ts";
import { describeFigures } from "../src/record.ts";
import { result } from "./support.ts";

const results = [
  result({ peer: "headgate" }),
  result({ peer: "nginx", micros: { median: 123.4, min: 1, max: 200 } }),
  result({ peer: "nginx", scenario: "p99", p99: 7.77, rate: 1000 }),
];

test("figures come with all that it takes to read them", () => {
  const machine = { cpu: "A CPU", cpus: 2, memoryGb: 8, kernel: "Linux 6", node: "26.1.0", commit: "abc1234" };
  const run = {
    date: "2026-01-02",
    command: "pnpm bench --record",
    machine: { ...machine, versions: { nginx: "1.2.3" } },
  };
  const text = describeFigures({ ...run, results });
  expect(text).toContain(
    "2026-01-02, `pnpm bench --record` at commit abc1234, on 2 × A CPU, 8 GiB, Linux 6, Node 26.1.0.\nnginx 1.2.3.",
  );
  expect(text).toContain("### GET 1 KB, passed through (`pass1k`)");
  expect(text).not.toContain("hit1k");
});

test("the chart has a panel for each scenario measured, with each figure at its bar, for light and dark", () => {
  const svg = drawChart(results);
  for (const text of ["GET 1 KB, passed through", "20.0", "123", "p99 in ms", "7.77", "prefers-color-scheme:dark"]) {
    expect(svg).toContain(text);
  }
  expect(svg).not.toContain("from the cache");
});
