import { stringify } from "yaml";
import { mapLeaves } from "./leaves.ts";
import type { ConfigSnapshot } from "./snapshot.ts";
import { bearsCredentials, unitOf } from "./tree.ts";
import { formatDuration, formatShare, formatSize } from "./units.ts";

const REDACTED = "(redacted)";

const FORMATS: ReadonlyMap<string, (value: number) => string | number> = new Map<
  string,
  (value: number) => string | number
>([
  ["duration", formatDuration],
  ["size", formatSize],
  ["share", formatShare],
]);

const plain = (value: number): number => value;

/** A URL without its password. */
function redactUrl(text: string): string {
  const { protocol, username, password, host, pathname } = new URL(text);
  return password === "" ? text : `${protocol}//${username}:${REDACTED}@${host}${pathname}`;
}

export interface PrintOptions {
  secrets: "redact" | "show";
}

/** The effective config as a user would write it: durations and sizes with units, secrets redacted unless asked for. */
export function effectiveConfig(config: ConfigSnapshot, { secrets }: PrintOptions = { secrets: "redact" }): unknown {
  return mapLeaves(config, (leaf, node) => {
    if (node.writeOnly === true && secrets === "redact") return REDACTED;
    if (typeof leaf === "string" && bearsCredentials(node) && secrets === "redact") return redactUrl(leaf);
    if (typeof leaf !== "number") return leaf;
    return (FORMATS.get(unitOf(node)) ?? plain)(leaf);
  });
}

/** The same as YAML, which `headgate start --config` takes as it is (with the secrets shown). */
export const formatConfig = (config: ConfigSnapshot, options?: PrintOptions): string =>
  stringify(effectiveConfig(config, options), { lineWidth: 0 });
