import type { Finding } from "./errors.ts";
import { fold, nearest } from "./nearest.ts";
import { formatPath, type Path } from "./path.ts";
import { child, configTree, isList, isRecord, keysOf, type SchemaNode, typesOf } from "./tree.ts";

const PREFIX = "HEADGATE_";

export interface Overlay {
  raw: unknown;
  /** Places that a variable set, by `formatPath` → the variable's name. */
  origins: Map<string, string>;
  findings: (Finding & { variable: string })[];
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A copy of `value` with what stands at the path replaced; what is missing on the way starts from its default. */
function set(value: unknown, node: SchemaNode | undefined, path: Path, leaf: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return leaf;
  const base = value ?? node?.default;
  const below = node && child(node, key);
  if (typeof key === "number") {
    const items: unknown[] = Array.isArray(base) ? [...base] : [];
    items[key] = set(items[key], below, rest, leaf);
    return items;
  }
  const fields = isObject(base) ? base : {};
  return { ...fields, [key]: set(fields[key], below, rest, leaf) };
}

/** The key of `node` that a segment of a variable's name means: by the schema, or by the names that a record has. */
function keyFor(segment: string, node: SchemaNode, value: unknown): string | number | undefined {
  if (isList(node) && /^\d{1,4}$/.test(segment)) return Number(segment);
  const names = isRecord(node) && isObject(value) ? Object.keys(value) : keysOf(node);
  const known = names.find((name) => fold(name) === fold(segment));
  return known ?? (isRecord(node) ? segment.toLowerCase() : undefined);
}

interface Target {
  path: Path;
  node: SchemaNode;
}

/** Where a variable points, or the segment that names no key. */
function resolveTarget(name: string, raw: unknown): Target | { unknown: string; path: Path; node: SchemaNode } {
  let node = configTree;
  let value = raw;
  const path: (string | number)[] = [];
  for (const segment of name.slice(PREFIX.length).split("__")) {
    const current: unknown = value ?? node.default;
    const key = keyFor(segment, node, current);
    const below = key === undefined ? undefined : child(node, key);
    if (key === undefined || below === undefined) return { unknown: segment, path, node };
    value = typeof current === "object" && current !== null ? Reflect.get(current, key) : undefined;
    path.push(key);
    node = below;
  }
  return { path, node };
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const jsonType = (value: unknown): string => {
  if (Array.isArray(value)) return "array";
  return Number.isInteger(value) ? "integer" : typeof value;
};

/** A variable's text as what its key takes: JSON where that fits, a comma-separated list for lists, else the text itself. */
export function readVariable(text: string, node: SchemaNode): unknown {
  const types = typesOf(node);
  const value = tryJson(text);
  const type = jsonType(value);
  if (value !== undefined && (types.has(type) || (type === "integer" && types.has("number")))) return value;
  if (types.has("array") && !types.has("string") && value === undefined && !text.trimStart().startsWith("["))
    return text.split(",").map((item) => item.trim());
  return text;
}

const variableFor = (path: Path, key: string): string =>
  PREFIX +
  [...path, key]
    .map((each) =>
      String(each)
        .replaceAll(/(?<=[a-z])(?=[A-Z])/g, "_")
        .toUpperCase(),
    )
    .join("__");

/** Lays the `HEADGATE_…` variables over what a file says: `HEADGATE_CACHE__TTL=60s`, `HEADGATE_LISTENERS='[{"port":80}]'`. */
export function overlayEnvironment(raw: unknown, env: Readonly<Record<string, string | undefined>>): Overlay {
  const overlay: Overlay = { raw, origins: new Map(), findings: [] };
  for (const variable of Object.keys(env)
    .filter((name) => name.startsWith(PREFIX))
    .sort()) {
    const text = env[variable] ?? "";
    const target = resolveTarget(variable, overlay.raw);
    if ("unknown" in target) {
      const { path, node, unknown } = target;
      const meant = nearest(unknown, keysOf(node));
      const hint = meant === undefined ? undefined : `did you mean ${variableFor(path, meant)}?`;
      const expected = keysOf(node).join(", ") || "no further part";
      overlay.findings.push({ variable, path, found: "a variable that names no key", expected, hint });
      continue;
    }
    overlay.raw = set(overlay.raw, configTree, target.path, readVariable(text, target.node));
    overlay.origins.set(formatPath(target.path), variable);
  }
  return overlay;
}

/** Lays a command-line flag, which goes before file and environment, over the rest. */
export function overlayFlag(overlay: Overlay, key: string, text: string): void {
  const node = child(configTree, key);
  if (node === undefined) return;
  overlay.raw = set(overlay.raw, configTree, [key], readVariable(text, node));
  overlay.origins.set(key, `--${key}`);
}

/** The variable that set the place or a part above it, or undefined. */
export function originOf(origins: ReadonlyMap<string, string>, path: Path): string | undefined {
  for (let length = path.length; length > 0; length -= 1) {
    const variable = origins.get(formatPath(path.slice(0, length)));
    if (variable !== undefined) return variable;
  }
  return undefined;
}
