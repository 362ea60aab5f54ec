import type { Deviation } from "./known.ts";
import type { Kind, Results, TestGroup } from "./suite.ts";

/** How many behaviours of a kind were shown. */
export interface Score {
  readonly kind: Kind;
  readonly passed: number;
  readonly all: number;
}

export interface Verdict {
  readonly scores: readonly Score[];
  /** Listed, and failed as listed. */
  readonly known: readonly Deviation[];
  /** Faults of ours: failures that are not listed. */
  readonly unexpected: readonly { readonly id: string; readonly name: string; readonly message: string }[];
  /** Listed, but passed or never run: to be taken off the list. */
  readonly outdated: readonly string[];
  /** Questions that were answered with no. */
  readonly declined: readonly string[];
}

const KINDS: readonly Kind[] = ["required", "optimal", "check"];

/** Holds the results against the list of known deviations; what a cache is free to do is only counted. */
export function judge(groups: readonly TestGroup[], results: Results, known: readonly Deviation[]): Verdict {
  const tests = groups.flatMap((group) => group.tests).filter(({ browser_only }) => browser_only !== true);
  const kindOf = ({ kind = "required" }: (typeof tests)[number]): Kind => kind;
  const passed = ({ id }: (typeof tests)[number]): boolean => results[id] === true;
  const scores = KINDS.map((kind) => {
    const these = tests.filter((test) => kindOf(test) === kind);
    return { kind, passed: these.filter(passed).length, all: these.length };
  });
  const listed = new Set(known.flatMap(({ ids }) => ids));
  const failed = tests.filter((test) => kindOf(test) !== "check" && !passed(test));
  const failedIds = new Set(failed.map(({ id }) => id));
  return {
    scores,
    known: known.map((deviation) => ({ ...deviation, ids: deviation.ids.filter((id) => failedIds.has(id)) })),
    unexpected: failed
      .filter(({ id }) => !listed.has(id))
      .map(({ id, name }) => ({ id, name, message: messageOf(results[id]) })),
    outdated: [...listed].filter((id) => !failedIds.has(id)),
    declined: tests.filter((test) => kindOf(test) === "check" && !passed(test)).map(({ id }) => id),
  };
}

function messageOf(result: Results[string] | undefined): string {
  return result === undefined ? "it did not run" : result === true ? "" : result.join(": ");
}
