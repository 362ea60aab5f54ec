import { z } from "zod";
import { ConfigError, type Finding, locateFinding } from "./errors.ts";
import { expectation, toFindings } from "./issues.ts";
import { readData } from "./read-data.ts";
import { repeats } from "./rules/rule.ts";
import { backends } from "./schema/backends.ts";
import type { ConfigSnapshot } from "./snapshot.ts";

type Listed = ConfigSnapshot["pools"][string]["backends"];

const TREE = z.toJSONSchema(backends, { io: "input" });

/** Each backend stands in the list once. */
function repeated(listed: Listed): Finding[] {
  return repeats(listed, ({ url }) => url).map(({ index }) => ({
    path: [index],
    found: `${listed[index]?.url} a second time`,
    expected: "each backend once",
  }));
}

/**
 * Reads a file (absolute path, `.json`, `.yaml` or `.yml`) that holds a list such as a pool's `backends`.
 * Throws `UserError` where it cannot be read, `ConfigError` with every problem and its line.
 */
export async function readBackends(file: string): Promise<Listed> {
  const { raw, locate } = await readData(file, { what: "file of backends", name: file });
  const written = raw ?? undefined;
  const parsed = backends.safeParse(written, { error: expectation });
  const findings = parsed.success
    ? repeated(parsed.data)
    : parsed.error.issues.flatMap((issue) => toFindings(issue, written, TREE));
  if (!parsed.success || findings.length > 0)
    throw new ConfigError(
      findings.map((finding) => locateFinding(finding, locate)),
      [file],
      "file of backends",
    );
  return parsed.data;
}
