import type { CachePolicy, NameRule } from "./policy.ts";

/** Whether a name is one of those of a rule. */
export function isNamed(rule: NameRule, name: string): boolean {
  return rule.exact.has(name) || rule.prefixes.some((prefix) => name.startsWith(prefix));
}

function nameOf(parameter: string): string {
  const equals = parameter.indexOf("=");
  return equals < 0 ? parameter : parameter.slice(0, equals);
}

function parametersOf(path: string): string[] {
  const question = path.indexOf("?");
  return question < 0 ? [] : path.slice(question + 1).split("&");
}

function compareNames(a: string, b: string): number {
  const [left, right] = [nameOf(a), nameOf(b)];
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/** The path with only those query parameters that the policy has in its key, in the order that it asks for. */
export function keyPath(path: string, rule: NonNullable<CachePolicy["query"]>): string {
  const question = path.indexOf("?");
  if (question < 0) return path;
  const wanted = rule.mode === "allow";
  const kept = parametersOf(path).filter((parameter) => isNamed(rule.names, nameOf(parameter)) === wanted);
  // The sort is stable: the order of values of one name may matter.
  if (rule.sort) kept.sort(compareNames);
  return kept.length === 0 ? path.slice(0, question) : `${path.slice(0, question)}?${kept.join("&")}`;
}

/** Whether a path has a query parameter that a rule names. */
export function hasParameter(path: string, rule: NameRule): boolean {
  return parametersOf(path).some((parameter) => isNamed(rule, nameOf(parameter)));
}
