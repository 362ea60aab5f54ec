/** What an agent asks for; words it does not say are left out. */
export interface AgentReport {
  /** Share of the configured weight: `75%` is 0.75. */
  readonly weightFactor?: number;
  /** The most connections it wants: `maxconn:30`. */
  readonly maxActive?: number;
  /** `up`, `down` (also `failed`, `stopped`), or the administrative `ready`, `drain`, `maint`. */
  readonly state?: "up" | "down" | "ready" | "drain" | "maint";
  /** The text after `#`. */
  readonly reason?: string;
}

const STATES: ReadonlyMap<string, NonNullable<AgentReport["state"]>> = new Map([
  ["up", "up"],
  ["down", "down"],
  ["failed", "down"],
  ["stopped", "down"],
  ["ready", "ready"],
  ["drain", "drain"],
  ["maint", "maint"],
]);

/**
 * An agent's line: words separated by spaces, tabs or commas, such as `up 75%`, `drain`, `down#disk full`. Words it does
 * not know are skipped; undefined when it knows none. Source: HAProxy configuration manual, `agent-check`.
 */
export function parseAgentLine(text: string): AgentReport | undefined {
  const [line = ""] = text.split(/[\r\n]/, 1);
  const hash = line.indexOf("#");
  const words = (hash < 0 ? line : line.slice(0, hash)).toLowerCase().split(/[\s,]+/);
  const known = words.map(readWord).filter((part) => part !== undefined);
  if (known.length === 0) return undefined;
  const reason = hash < 0 ? "" : line.slice(hash + 1).trim();
  return Object.assign({}, ...known, reason === "" ? {} : { reason });
}

function readWord(word: string): AgentReport | undefined {
  const state = STATES.get(word);
  if (state !== undefined) return { state };
  const [, percent] = /^(\d+(?:\.\d+)?)%$/.exec(word) ?? [];
  if (percent !== undefined) return { weightFactor: Number(percent) / 100 };
  const [, most] = /^maxconn:(\d+)$/.exec(word) ?? [];
  return most === undefined ? undefined : { maxActive: Number(most) };
}
