import { z } from "zod";
import type { Path } from "./path.ts";
import { configSchema } from "./schema.ts";

/** A node of the config's JSON Schema, with the gateway's own marks `unit` (duration, size, share, status) and `file`. */
export type SchemaNode = z.core.JSONSchema.BaseSchema;

/** The JSON Schema of what a user may write. */
export const configTree: SchemaNode = z.toJSONSchema(configSchema, { io: "input" });

const isNode = (node: unknown): node is SchemaNode => typeof node === "object" && node !== null;

/** The branches of a node that may be written in several ways; undefined of any other. */
export const branchesOf = (node: SchemaNode): SchemaNode[] | undefined => (node.anyOf ?? node.oneOf)?.filter(isNode);

/** The ways in which a node may be written: itself, or each of its branches. */
export const alternatives = (node: SchemaNode): SchemaNode[] => branchesOf(node)?.flatMap(alternatives) ?? [node];

/** What a node's number counts: its own mark, or that of the branch that has one; empty for a plain number. */
export function unitOf(node: SchemaNode): string {
  if (node.unit !== undefined) return String(node.unit);
  return (
    branchesOf(node)
      ?.map(unitOf)
      .find((unit) => unit !== "") ?? ""
  );
}

/** The keys that a node knows by name. */
export const keysOf = (node: SchemaNode): string[] => [
  ...new Set(alternatives(node).flatMap((branch) => Object.keys(branch.properties ?? {}))),
];

/** Whether any branch is a list, or an object with names of the user's own. */
export const isList = (node: SchemaNode): boolean => alternatives(node).some((branch) => branch.type === "array");
export const isRecord = (node: SchemaNode): boolean =>
  alternatives(node).some((branch) => isNode(branch.additionalProperties));

/** The JSON types that a node may have. */
export const typesOf = (node: SchemaNode): Set<string> =>
  new Set(alternatives(node).flatMap((branch) => branch.type ?? []));

function childOf(branch: SchemaNode, key: string | number): SchemaNode | undefined {
  const child = typeof key === "number" ? branch.items : (branch.properties?.[key] ?? branch.additionalProperties);
  return isNode(child) && !Array.isArray(child) ? child : undefined;
}

/** The node below a key or list index, or undefined where there is none. */
export function child(node: SchemaNode, key: string | number): SchemaNode | undefined {
  for (const branch of alternatives(node)) {
    const found = childOf(branch, key);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The node at a place of the config, or of another tree. */
export function nodeAt(path: Path, tree: SchemaNode = configTree): SchemaNode | undefined {
  let node: SchemaNode | undefined = tree;
  for (const key of path) node = node && child(node, key);
  return node;
}

/** Whether what stands at the place must not be shown. */
export function isSecret(path: Path, tree: SchemaNode = configTree): boolean {
  const node = nodeAt(path, tree);
  return node?.writeOnly === true || (node !== undefined && bearsCredentials(node));
}

/** Whether a node is a URL in which a password may stand. */
export const bearsCredentials = (node: SchemaNode): boolean =>
  alternatives(node).some((branch) => branch.credentials === true);
