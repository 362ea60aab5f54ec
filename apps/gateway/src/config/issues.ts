import type { z } from "zod";
import type { Finding } from "./errors.ts";
import { nearest } from "./nearest.ts";
import { type Path, valueAt } from "./path.ts";
import { configTree, isSecret, keysOf, nodeAt, type SchemaNode } from "./tree.ts";

type Issue = z.core.$ZodIssue;

const LONGEST_SHOWN = 60;

/** A value as a message shows it, shortened where it is long. */
function show(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = typeof value === "function" ? "a function" : (JSON.stringify(value) ?? String(value));
  return text.length <= LONGEST_SHOWN ? text : `${text.slice(0, LONGEST_SHOWN)}…`;
}

/** What stands at a place, for a message; a secret is not shown. */
export const showAt = (raw: unknown, path: Path, tree: SchemaNode = configTree): string => {
  const value = valueAt(raw, path);
  return isSecret(path, tree) && value !== undefined ? "a secret (not shown)" : show(value);
};

const suggest = (word: string | undefined): string | undefined =>
  word === undefined ? undefined : `did you mean ${word}?`;

const list = (words: readonly unknown[]): string =>
  words.length === 1 ? String(words[0]) : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;

/** What zod's own codes expect; schemas name the rest themselves. Used as the error map at parsing. */
export function expectation(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === "invalid_type") return issue.expected === "string" ? "text" : `${article(String(issue.expected))}`;
  if (issue.code === "invalid_value") return list(issue.values as readonly unknown[]);
  return undefined;
}

const article = (noun: string): string => (/^[aeiou]/.test(noun) ? `an ${noun}` : `a ${noun}`);

/** The value is of another kind than this: no branch of a nested union was meant either. */
const isTypeMismatch = (issue: Issue): boolean => {
  if (issue.path.length > 0) return false;
  if (issue.code === "invalid_union") return issue.errors.every((issues) => issues.some(isTypeMismatch));
  return issue.code === "invalid_type" || issue.code === "invalid_value";
};

const plainPath = (path: readonly PropertyKey[]): Path =>
  path.map((key) => (typeof key === "number" ? key : String(key)));

/** Literals that any branch of a union would have taken. */
const literals = (branches: readonly (readonly Issue[])[]): string[] =>
  branches
    .flat()
    .flatMap((issue) => (issue.code === "invalid_value" && issue.path.length === 0 ? issue.values.map(String) : []));

/** An issue's hint: the schema's own, or the nearest of the values it would take. */
function hintOf(issue: Issue, value: unknown): string | undefined {
  if (issue.code === "custom") {
    const { hint, nearest: meant } = issue.params ?? {};
    return typeof hint === "string" ? hint : suggest(typeof meant === "string" ? meant : undefined);
  }
  const values = issue.code === "invalid_value" ? issue.values.map(String) : [];
  return typeof value === "string" ? suggest(nearest(value, values)) : undefined;
}

/** Whether an issue of a branch is about something within the value, so that the branch was plainly meant. */
const isInside = (issue: Issue): boolean => issue.path.length > 0 || issue.code === "unrecognized_keys";

type UnionIssue = Extract<Issue, { code: "invalid_union" }>;

/** A union's failure: told by the one branch that was plainly meant, else by what the union as a whole expects. */
function ofUnion(issue: UnionIssue, raw: unknown, path: Path, tree: SchemaNode): Finding[] {
  const meant = issue.errors.filter((issues) => !issues.some(isTypeMismatch));
  const [branch] = meant;
  if (meant.length === 1 && branch?.some(isInside))
    return branch.flatMap((inner) => toFindings(inner, raw, tree, path));
  const value = valueAt(raw, path);
  const hints = meant.flat().map((inner) => hintOf(inner, value));
  const hint = hints.find((each) => each !== undefined);
  const literal = typeof value === "string" ? suggest(nearest(value, literals(issue.errors))) : undefined;
  return [{ path, found: showAt(raw, path, tree), expected: issue.message, hint: hint ?? literal }];
}

function ofUnknownKeys(keys: readonly string[], path: Path, tree: SchemaNode): Finding[] {
  const node = nodeAt(path, tree);
  const known = node === undefined ? [] : keysOf(node);
  return keys.map((key) => ({
    path: [...path, key],
    found: "an unknown key",
    expected: list(known),
    hint: suggest(nearest(key, known)),
  }));
}

/**
 * A zod issue (and those nested in it) as findings; `tree` is the JSON Schema of what was parsed, `prefix` the place of the
 * value.
 */
export function toFindings(issue: Issue, raw: unknown, tree: SchemaNode = configTree, prefix: Path = []): Finding[] {
  const path = [...prefix, ...plainPath(issue.path)];
  if (issue.code === "invalid_union" && issue.errors.length > 0) return ofUnion(issue, raw, path, tree);
  if (issue.code === "unrecognized_keys") return ofUnknownKeys(issue.keys, path, tree);
  if (issue.code === "invalid_key") {
    const expected = issue.issues[0]?.message ?? issue.message;
    return [{ path, found: "this name", expected }];
  }
  return [{ path, found: showAt(raw, path, tree), expected: issue.message, hint: hintOf(issue, valueAt(raw, path)) }];
}
