import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compareRuns, readEarlier } from "../src/compare.ts";
import { drawChart, roundUp } from "../src/report/chart.ts";
import { formatBytes, formatRate, formatShare, formatTime } from "../src/report/format.ts";
import { renderHtml } from "../src/report/html.ts";
import { renderText } from "../src/report/text.ts";
import { judge, parseSlo } from "../src/slo.ts";
import type { Summary } from "../src/summary.ts";
import { summary } from "./support.ts";

const verdictsFor = (text: string, of: Summary) => {
  const outcome = parseSlo(text);
  return outcome.kind === "ok" ? judge(outcome.objectives, of) : [];
};

const nothing = summary({
  requests: { sent: 20, answered: 0, failed: 20, unsent: 5, unfinished: 0, bytesReceived: 0 },
  rate: 0,
  latency: null,
  serviceTime: null,
  statuses: {},
  errors: { ECONNREFUSED: 20 },
  cache: null,
  backends: {},
  series: [{ second: 0, sent: 20, answered: 0, failed: 20, p50: null, p99: null }],
});

test.each([
  [formatTime(0.1234), "0.12 ms"],
  [formatTime(12.34), "12.3 ms"],
  [formatTime(5), "5 ms"],
  [formatTime(1500), "1.5 s"],
  [formatShare(0), "0.0 %"],
  [formatShare(0.0004), "0.04 %"],
  [formatShare(0.25), "25.0 %"],
  [formatBytes(0), "0 B"],
  [formatBytes(1536), "1.5 KiB"],
  [formatBytes(3 * 2 ** 30), "3 GiB"],
  [formatRate(99.84), "99.8/s"],
  [formatRate(12_345), "12,345/s"],
])("%s is %s", (formatted, expected) => {
  expect(formatted).toBe(expected);
});

test("the text tells everything that was promised", () => {
  const verdicts = verdictsFor("p99<50ms,hit>90%", summary());
  const text = renderText({ summary: summary(), verdicts, changes: [] });
  const expected = [
    /^Requests {3}1,000 of 1,000 sent, 1,000 answered, 0 failed$/m,
    /^Rate {7}100\/s achieved, 100\/s asked$/m,
    /^Latency +p50 +p90 +p99 +p99\.9 +max +mean$/m,
    /^since due \(corrected\) +10 ms +18 ms +19\.8 ms +20 ms +100 ms +10 ms$/m,
    /^since sent +8 ms/m,
    /^Status {5}200: 1,000$/m,
    /^Errors {5}none$/m,
    /^Cache {6}80\.0 % hits {3}HIT: 800 {3}MISS: 200$/m,
    /^127\.0\.0\.1:8000 +600 +60\.0 %$/m,
    /^127\.0\.0\.1:8001 +400 +40\.0 %$/m,
    /^ {2}met {5}p99<50ms {3}\(19\.8 ms\)$/m,
    /^ {2}MISSED {2}hit>90% {3}\(80\.0 %\)$/m,
    /^Missed the objective hit>90%: 80\.0 %\.$/m,
  ];
  for (const line of expected) expect(text).toMatch(line);
  expect(text).not.toMatch(/[ \t]$/m);
  expect(renderText({ summary: summary(), verdicts: [], changes: [] })).toMatch(/^Passed\.$/m);
});

test("the text of a failed, stopped and lagging run says so", () => {
  const text = renderText({
    summary: { ...nothing, interrupted: true, seconds: 3, testerLag: 250 },
    verdicts: [],
    changes: [],
  });
  expect(text).toContain("Stopped after 3 s");
  expect(text).toContain("5 never sent");
  expect(text).toContain("Latency    nothing was measured");
  expect(text).toContain("Errors     25 (100.0 %)   ECONNREFUSED: 20   never sent: 5");
  expect(text).toContain("Status     no answers");
  expect(text).toContain("late by up to 250 ms");
  expect(text).toContain("Missed the asked rate: 0/s answered of 100/s");
});

test("answers of 400 and above are errors too", () => {
  const text = renderText({ summary: summary({ statuses: { 200: 990, 502: 10 } }), verdicts: [], changes: [] });
  expect(text).toContain("Errors     10 (1.0 %)   status of 400 or above: 10");
});

test("a comparison tells each figure's change and which way it went", () => {
  const before = summary({ rate: 80, cache: null });
  const changes = compareRuns(before, summary({ statuses: { 200: 999, 500: 1 } }));
  expect(changes).toEqual(
    expect.arrayContaining([
      { name: "rate", before: "80/s", after: "100/s", change: "+25.0 %", better: "yes" },
      { name: "p99", before: "19.8 ms", after: "19.8 ms", change: "same", better: "same" },
      { name: "errors", before: "0.0 %", after: "0.1 %", change: "new", better: "no" },
      { name: "cache hits", before: "-", after: "80.0 %", change: "", better: "unknown" },
    ]),
  );
  expect(renderText({ summary: summary(), verdicts: [], changes })).toMatch(
    /^rate +80\/s +100\/s +\+25\.0 % +better$/m,
  );
});

test("an earlier report is read back as it was written, and anything else is refused", () => {
  const folder = mkdtempSync(join(tmpdir(), "loadtest-"));
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  expect(readEarlier(file("good.json", JSON.stringify(summary())))).toEqual({ kind: "ok", summary: summary() });
  const refusals = [
    [join(folder, "missing.json"), "no such file"],
    [file("broken.json", "{"), "JSON"],
    [file("other.json", "{}"), "not a report that --json wrote: version"],
    [file("rate.json", JSON.stringify({ ...summary(), rate: "fast" })), "rate"],
  ] as const;
  for (const [path, problem] of refusals) {
    expect(readEarlier(path)).toEqual({ kind: "invalid", problem: expect.stringContaining(problem) });
  }
});

test("the page is whole, safe and needs nothing else", () => {
  const evil = summary({
    target: { method: "GET", url: `https://x/<script>alert("1")</script>&'` },
    backends: { "<img src=x>": 1 },
    requests: { ...summary().requests, failed: 1 },
    errors: { "a&b": 1 },
  });
  const html = renderHtml({ summary: evil, verdicts: verdictsFor("p99<1ms", evil), changes: compareRuns(evil, evil) });
  expect(html).not.toMatch(/<script|<img|https?:\/\/(?!x\/)|<link|@import|url\(/);
  expect(html).toContain("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#39;");
  expect(html).toContain("a&amp;b");
  expect(html.match(/<svg/g)).toHaveLength(3);
  expect(html).not.toMatch(/NaN|undefined|Infinity|null/);
  expect(html).toContain("missed");
});

test("the page of a run without answers has no broken figure", () => {
  const html = renderHtml({ summary: nothing, verdicts: [], changes: [] });
  expect(html).not.toMatch(/NaN|undefined|Infinity|null/);
  expect(html).toContain("Missed the asked rate");
});

test.each([
  [0, 1],
  [Number.NaN, 1],
  [0.3, 0.5],
  [1, 1],
  [1.1, 2],
  [51, 100],
  [100, 100],
  [101, 200],
])("the axis for %d ends at %d", (value, top) => {
  expect(roundUp(value)).toBe(top);
});

test("a line breaks where a figure is missing, and its top is the axis's", () => {
  const points = [0, null, 100, 50].map((y, index) => ({ x: index / 3, y }));
  const svg = drawChart({
    title: "t<",
    unit: "u",
    lines: [{ name: "l", style: "a", points, area: true }],
    ticks: [{ x: 0, label: "0" }],
  });
  expect(svg.match(/class="line a"/g)).toHaveLength(2);
  expect(svg.match(/class="area a"/g)).toHaveLength(2);
  expect(svg).toContain("t&lt;");
  // 100 is the top of the box at y = 16, 50 half way down to the bottom at 228.
  expect(svg).toMatch(/L692\.0 122\.0/);
  expect(svg).toContain(" 16.0L");
});
