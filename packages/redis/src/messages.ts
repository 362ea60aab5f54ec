import type { CacheKey, PurgeMode, PurgeTarget } from "@headgate/cache";

/** A purge as gateways tell each other of it. */
export interface PurgeMessage {
  /** The gateway that says so. */
  readonly from: string;
  readonly target: PurgeTarget;
  readonly mode: PurgeMode;
}

/** Two lists: who speaks, what is meant, and how. */
export function encodePurge({ from, target, mode }: PurgeMessage): string {
  const of = target.kind === "url" ? target.key : target.kind === "prefix" ? target.prefix : "";
  return JSON.stringify([1, from, mode, target.kind, target.kind === "tag" ? target.tag : of]);
}

/** undefined where the text is no purge, or one of another version. Never throws. */
export function decodePurge(text: string): PurgeMessage | undefined {
  const [version, from, mode, kind, of] = parseList(text);
  if (version !== 1 || typeof from !== "string" || typeof of !== "string") return undefined;
  if (mode !== "hard" && mode !== "soft") return undefined;
  const target = targetOf(kind, of);
  return target && { from, target, mode };
}

function targetOf(kind: unknown, of: string): PurgeTarget | undefined {
  if (kind === "all") return { kind };
  if (kind === "url") return { kind, key: of as CacheKey };
  if (kind === "prefix") return { kind, prefix: of };
  return kind === "tag" ? { kind, tag: of } : undefined;
}

function parseList(text: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
