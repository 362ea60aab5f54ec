import { child, configTree, type SchemaNode } from "./tree.ts";

function walk(
  value: unknown,
  node: SchemaNode | undefined,
  change: (leaf: unknown, node: SchemaNode) => unknown,
): unknown {
  if (node === undefined || value === undefined) return value;
  if (Array.isArray(value)) return value.map((item, index) => walk(item, child(node, index), change));
  if (typeof value !== "object" || value === null) return change(value, node);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, walk(item, child(node, key), change)]));
}

/** A copy of a config in which every number, text and flag went through `change`, together with its schema. */
export const mapLeaves = (config: object, change: (leaf: unknown, node: SchemaNode) => unknown): unknown =>
  walk(config, configTree, change);
