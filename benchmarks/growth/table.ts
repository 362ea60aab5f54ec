import { BARE_NODE } from "../src/peers.ts";
import { median, spread } from "../src/statistics.ts";
import { markdownTable } from "../src/table.ts";
import type { Case } from "./cases.ts";
import type { Result } from "./contest.ts";

/** What is called flat: the large size costs at most so many times what the small one does. */
const FLAT = 1.1;

/** How a cost grew: medians over the repetitions, in each of which the sizes had their turns side by side. */
export interface Growth {
  /** Large by small. */
  readonly ratio: number;
  /** Large less small. */
  readonly micros: number;
  /** What the small size costs. */
  readonly small: number;
}

export function growthOf(results: readonly Result[], { name, sizes }: Case, peer: string): Growth | null {
  const [small, large] = sizes.map(({ label }) =>
    results.find((each) => each.case === name && each.peer === peer && each.label === label),
  );
  if (small === undefined || large === undefined) return null;
  const pairs = small.micros.map((before, at) => ({ before, after: large.micros[at] ?? Number.NaN }));
  return {
    ratio: median(pairs.map(({ before, after }) => after / before)),
    micros: median(pairs.map(({ before, after }) => after - before)),
    small: median(small.micros),
  };
}

/** `flat` within 10 %; `as Node`: by no more than what bare Node pays for the same, give or take 10 % of the whole. */
export function verdictOn(ours: Growth, bare: Growth | null): "flat" | "as Node" | "grows" {
  if (ours.ratio <= FLAT) return "flat";
  return bare !== null && ours.micros - bare.micros <= ours.small * (FLAT - 1) ? "as Node" : "grows";
}

const signed = (value: number): string => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(1)}`;
const told = (growth: Growth | null): string =>
  growth === null ? "–" : `× ${growth.ratio.toFixed(2)} (${signed(growth.micros)} µs)`;

/** One row a case: both sizes by Headgate and by bare Node, CPU µs for each request as median and least. */
export function growthTable(cases: readonly Case[], results: readonly Result[]): string {
  const rows = cases.flatMap((one) => {
    const ours = growthOf(results, one, "headgate");
    if (ours === null) return [];
    const bare = growthOf(results, one, BARE_NODE);
    const cell = (peer: string, label: string): string => {
      const found = results.find((each) => each.case === one.name && each.peer === peer && each.label === label);
      if (found === undefined) return "–";
      const { median: middle, min } = spread(found.micros);
      return `${middle.toFixed(1)} (${min.toFixed(1)})`;
    };
    const [small, large] = one.sizes;
    const cells = ["headgate", BARE_NODE].map((peer) => [cell(peer, small.label), cell(peer, large.label)]);
    const [own = [], others = []] = cells;
    return [[`${small.label} → ${large.label}`, ...own, told(ours), ...others, told(bare), verdictOn(ours, bare)]];
  });
  const head = ["from → to", "Headgate, small", "large", "growth", "bare Node, small", "large", "growth", ""];
  return markdownTable([head, ...rows]);
}
