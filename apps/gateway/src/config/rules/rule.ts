import type { Finding } from "../errors.ts";
import type { ParsedConfig } from "../schema.ts";

/** What a rule may see: the sections that are without a fault of their own. */
export type Sections = Partial<ParsedConfig>;

/** What rules across keys and sections find: faults, and what is allowed but should be known. */
export interface Verdict {
  findings: Finding[];
  warnings: string[];
}

export interface RuleContext {
  /** NODE_ENV is `production`. */
  production: boolean;
}

export type Rule = (sections: Sections, context: RuleContext) => Verdict;

export const verdict = (findings: Finding[] = [], warnings: string[] = []): Verdict => ({ findings, warnings });

/** The index of the earlier item with the same key, for each item that repeats one. */
export function repeats<T>(items: readonly T[], keyOf: (item: T) => string): { index: number; first: number }[] {
  const seen = new Map<string, number>();
  return items.flatMap((item, index) => {
    const first = seen.get(keyOf(item));
    if (first === undefined) seen.set(keyOf(item), index);
    return first === undefined ? [] : [{ index, first }];
  });
}
