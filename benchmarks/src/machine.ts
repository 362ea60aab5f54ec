import { cpus, release, totalmem, type } from "node:os";
import { fileURLToPath } from "node:url";
import type { Peer } from "./peers.ts";
import { outputOf } from "./processes.ts";

/** What figures were measured with: without it they say nothing. */
export interface Machine {
  readonly cpu: string;
  readonly cpus: number;
  readonly memoryGb: number;
  readonly kernel: string;
  readonly node: string;
  /** Of this checkout, short; with a `+` where files were changed. */
  readonly commit: string;
  readonly versions: Readonly<Record<string, string>>;
}

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

function commit(): string {
  try {
    const git = (...args: readonly string[]): string => outputOf("git", ["-C", ROOT, ...args]).trim();
    return `${git("rev-parse", "--short", "HEAD")}${git("status", "--porcelain") === "" ? "" : "+"}`;
  } catch {
    return "unknown";
  }
}

export function describeMachine(peers: readonly Peer[]): Machine {
  const [first] = cpus();
  return {
    cpu: first?.model.trim() ?? "unknown",
    cpus: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    kernel: `${type()} ${release()}`,
    node: process.versions.node,
    commit: commit(),
    versions: Object.fromEntries(peers.map((peer) => [peer.name, peer.version()])),
  };
}
