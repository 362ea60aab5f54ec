import { BARE_NODE } from "./peers.ts";

/** CPU time for each request that Headgate takes, as a multiple of bare-node's in the same run, by scenario. */
export type Ratios = Readonly<Record<string, number>>;

/** What `--check` measures. */
export const CHECKED_SCENARIOS: readonly string[] = ["pass1k", "hit1k"];
export const CHECKED_PEERS: readonly string[] = ["headgate", BARE_NODE];

/** How much worse a ratio may be than the recorded one. Machines differ in it by some percent, and noise adds to that. */
export const TOLERANCE = 1.3;

/** The least that matters of a result. */
export interface Cost {
  readonly scenario: string;
  readonly peer: string;
  readonly micros: { readonly min: number };
}

/** Of minima: what disturbs a measurement only ever adds to it. Scenarios without both proxies are left out. */
export function ratiosOf(results: readonly Cost[]): Ratios {
  const find = (scenario: string, peer: string): number | undefined =>
    results.find((result) => result.scenario === scenario && result.peer === peer)?.micros.min;
  const ratios: Record<string, number> = {};
  for (const scenario of CHECKED_SCENARIOS) {
    const [ours, bare] = CHECKED_PEERS.map((peer) => find(scenario, peer));
    if (ours !== undefined && bare !== undefined && bare > 0) ratios[scenario] = ours / bare;
  }
  return ratios;
}

export type Verdict =
  | { readonly kind: "held" | "worse"; readonly scenario: string; readonly ratio: number; readonly recorded: number }
  | { readonly kind: "unmeasured"; readonly scenario: string }
  | { readonly kind: "unrecorded"; readonly scenario: string };

/** Whether each scenario keeps to what is recorded. */
export function judge(measured: Ratios, recorded: Ratios): readonly Verdict[] {
  return CHECKED_SCENARIOS.map((scenario) => {
    const ratio = measured[scenario];
    const before = recorded[scenario];
    if (before === undefined) return { kind: "unrecorded", scenario };
    if (ratio === undefined) return { kind: "unmeasured", scenario };
    return { kind: ratio > before * TOLERANCE ? "worse" : "held", scenario, ratio, recorded: before };
  });
}

/** The better of two runs for each scenario: what is worse in both is worse. */
export function betterOf(one: Ratios, other: Ratios): Ratios {
  const better: Record<string, number> = { ...one };
  for (const [scenario, ratio] of Object.entries(other)) better[scenario] = Math.min(better[scenario] ?? ratio, ratio);
  return better;
}

/** A verdict as a line for the reader. */
export function tellVerdict(verdict: Verdict): string {
  const { scenario } = verdict;
  if (verdict.kind === "unrecorded")
    return `${scenario}: no ratio in benchmarks/recorded.json; pnpm bench --record writes it`;
  if (verdict.kind === "unmeasured") return `${scenario}: could not be measured; the lines above say why`;
  const { kind, ratio, recorded } = verdict;
  const limit = `${(recorded * TOLERANCE).toFixed(2)} allowed, ${recorded.toFixed(2)} recorded`;
  const figure = `headgate takes ${ratio.toFixed(2)} × the CPU time of ${BARE_NODE} (${limit})`;
  return `${scenario}: ${figure}: ${kind === "held" ? "ok" : "WORSE THAN RECORDED"}`;
}
