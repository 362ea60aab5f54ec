import { attempted, errorCount, non2xx, percentiles, type Summary } from "./summary.ts";

const comparisons = {
  "<": (actual: number, limit: number) => actual < limit,
  "<=": (actual: number, limit: number) => actual <= limit,
  ">": (actual: number, limit: number) => actual > limit,
  ">=": (actual: number, limit: number) => actual >= limit,
  "=": (actual: number, limit: number) => actual === limit,
} as const;

const milliseconds: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000, "": 1 };

/** One objective, such as `p99<50ms`. */
export interface Objective {
  /** As it was written. */
  readonly text: string;
  readonly metric: string;
  readonly comparison: keyof typeof comparisons;
  /** Milliseconds, a share of 0 to 1, or a plain number. */
  readonly limit: number;
  readonly unit: "time" | "share" | "number";
}

export type SloOutcome =
  | { readonly kind: "ok"; readonly objectives: readonly Objective[] }
  | { readonly kind: "invalid"; readonly problem: string };

export interface Verdict {
  readonly objective: Objective;
  readonly met: boolean;
  /** In the objective's unit; `null` where there was nothing to measure, and then it is not met. */
  readonly actual: number | null;
}

const times: readonly string[] = ["min", "mean", "max", ...percentiles.map((one) => `p${one}`)];

/** What each metric is, and whether it may be written as a share (`%`) or as a plain number. */
const others: Readonly<Record<string, { share: boolean; number: boolean; of: (s: Summary) => number | null }>> = {
  rps: { share: false, number: true, of: ({ rate }) => rate },
  errors: { share: true, number: true, of: errorCount },
  timeouts: { share: true, number: true, of: ({ errors }) => errors.timeout ?? 0 },
  non2xx: { share: true, number: true, of: non2xx },
  hit: { share: true, number: false, of: ({ cache }) => cache?.hitRatio ?? null },
};

const known = `latency as ${["p50", "p90", "p99", "p99.9", "max", "mean"].join(", ")} (ms, s or us), rps, errors, timeouts, non2xx and hit (%)`;

function parseOne(text: string): Objective | string {
  const [, metric, comparison, number, unit] =
    /^([a-z][\w.]*)\s*(<=|>=|<|>|=)\s*(\d+(?:\.\d+)?)\s*(us|ms|s|%|)$/i.exec(text) ?? [];
  if (metric === undefined || number === undefined || unit === undefined) {
    return `got ${JSON.stringify(text)}, expected metric, comparison and limit, such as p99<50ms`;
  }
  const base = { text, metric, comparison: comparison as Objective["comparison"] };
  if (times.includes(metric)) {
    const scale = milliseconds[unit];
    if (scale === undefined) return `${text}: a latency is compared with a time, such as 50ms`;
    return { ...base, limit: Number(number) * scale, unit: "time" };
  }
  const other = Object.hasOwn(others, metric) ? others[metric] : undefined;
  if (other === undefined) return `${text}: there is no metric ${JSON.stringify(metric)}; there are ${known}`;
  if (unit === "%" && other.share) return { ...base, limit: Number(number) / 100, unit: "share" };
  if (unit === "" && other.number) return { ...base, limit: Number(number), unit: "number" };
  const expected = [other.share ? "a percentage such as 1%" : "", other.number ? "a plain number" : ""];
  return `${text}: ${metric} is compared with ${expected.filter(Boolean).join(" or ")}`;
}

/** Parses objectives, separated by commas: `p99<50ms,errors<0.1%,rps>=95`. */
export function parseSlo(text: string): SloOutcome {
  const objectives: Objective[] = [];
  for (const part of text.split(",")) {
    const parsed = parseOne(part.trim());
    if (typeof parsed === "string") return { kind: "invalid", problem: parsed };
    objectives.push(parsed);
  }
  return { kind: "ok", objectives };
}

function measure({ metric, unit }: Objective, summary: Summary): number | null {
  if (unit === "time") {
    const { latency } = summary;
    if (latency === null) return null;
    return metric === "min" || metric === "mean" || metric === "max"
      ? latency[metric]
      : (latency.percentiles[metric] ?? null);
  }
  const value = others[metric]?.of(summary) ?? null;
  // The hit ratio is a share already; the others are counts.
  if (unit === "number" || metric === "hit" || value === null) return value;
  return attempted(summary) === 0 ? null : value / attempted(summary);
}

/** Holds each objective against what was measured. */
export function judge(objectives: readonly Objective[], summary: Summary): readonly Verdict[] {
  return objectives.map((objective) => {
    const actual = measure(objective, summary);
    const met = actual !== null && comparisons[objective.comparison](actual, objective.limit);
    return { objective, met, actual };
  });
}
