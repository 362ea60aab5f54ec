import { UserError } from "../errors.ts";
import { formatPath, type Path } from "./path.ts";

/** Something wrong at one place of the config, before it is known where the place was written. */
export interface Finding {
  path: Path;
  /** What stood there, ready to print; a secret is not shown. */
  found: string;
  /** What belongs there, as a noun phrase. */
  expected: string;
  /** What to do about it, such as `did you mean ttl?`. */
  hint?: string | undefined;
}

/** A finding with its place written out. */
export interface ConfigProblem {
  /** `pools.default.health.interval`; empty for the whole file. */
  path: string;
  found: string;
  expected: string;
  hint?: string | undefined;
  /** `headgate.config.yaml:12:15`, `HEADGATE_CACHE__TTL`, or undefined for a built-in default. */
  source?: string | undefined;
}

export const locateFinding = (finding: Finding, locate: (path: Path) => string | undefined): ConfigProblem => ({
  path: formatPath(finding.path),
  found: finding.found,
  expected: finding.expected,
  hint: finding.hint,
  source: locate(finding.path),
});

/** One line: `headgate.config.yaml:4:8: cache.ttl: found "1 sec", expected a duration … (did you mean 1s?)`. */
export function formatProblem({ path, found, expected, hint, source }: ConfigProblem): string {
  const place = [source, path].filter((each) => each !== undefined && each !== "").join(": ");
  const told = hint === undefined ? "" : ` (${hint})`;
  return `${place}${place === "" ? "" : ": "}found ${found}, expected ${expected}${told}`;
}

/** A config (or another file of that kind, as `what` calls it) that cannot be used; `problems` lists every reason, `message` a line for each. */
export class ConfigError extends UserError {
  override readonly name = "ConfigError";
  readonly problems: readonly ConfigProblem[];
  /** Files that the config was made from: a change in any of them may mend it. */
  readonly files: readonly string[];

  constructor(problems: readonly ConfigProblem[], files: readonly string[] = [], what = "config") {
    const heading = problems.length === 1 ? "" : `The ${what} has ${problems.length} errors:\n`;
    super(heading + problems.map(formatProblem).join("\n"));
    this.problems = problems;
    this.files = files;
  }
}
