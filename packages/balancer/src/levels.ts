import type { Backend } from "./backend.ts";
import { type Choice, noneUsable } from "./choice.ts";
import { partSubset, type Subset } from "./subset.ts";

/** Backends that are used together before those of the next level. */
export interface Level {
  /**
   * Priority and, within it, own zone before others: `0`, `0/other-zone`, `1`; with `/beyond-subset` those that this gateway
   * leaves to others. Policies keep their turn by it.
   */
  readonly key: string;
  /** Those that may take new exchanges; a new array whenever one comes or goes. */
  readonly candidates: readonly Backend[];
  /** Share of new exchanges, 0 to 1. */
  readonly share: number;
  /** Whether this gateway leaves them to others as long as it can. */
  readonly beyondSubset: boolean;
}

export interface LevelOptions {
  /** A level serves all while `overprovision` × its usable part reaches 1; below that the rest spills over. Default 1.4. */
  readonly overprovision?: number;
  /** The gateway's own zone, preferred within each priority. Default none. */
  readonly zone?: string | undefined;
  /** Below this usable share of the pool, all are used but draining ones and those not yet checked. Default 0: never. */
  readonly panic?: number;
  /** Of each level only so many are used; the rest serves what these cannot take or have failed. Default all. */
  readonly subset?: Subset | undefined;
}

/** The levels that have a candidate, first choice first, and whether the pool is in panic. */
export interface Levels {
  readonly levels: readonly Level[];
  readonly panic: boolean;
  /** The choice while there is no level. */
  readonly none: Choice;
}

interface Draft {
  readonly key: string;
  readonly rank: number;
  readonly candidates: Backend[];
  total: number;
}

/**
 * Sorts a pool's backends into levels and shares the traffic among them.
 * Source: Envoy's priority levels, overprovisioning factor and panic threshold. Unlike Envoy, panic is off by default:
 * here a backend is unavailable on the evidence of its own probes, and sending exchanges to it loses them.
 */
export function buildLevels(backends: readonly Backend[], options: LevelOptions): Levels {
  const members = backends.filter(({ draining, weight }) => !draining && weight > 0);
  const checked = members.filter(({ pending }) => !pending);
  const usable = checked.filter((backend) => backend.usable);
  const panic = usable.length < checked.length * (options.panic ?? 0);
  const drafts = new Map<string, Draft>();
  for (const backend of members) {
    const draft = draftOf(drafts, backend, options.zone);
    draft.total++;
    if (backend.usable || (panic && !backend.pending)) draft.candidates.push(backend);
  }
  const ordered = [...drafts.values()].sort((a, b) => a.rank - b.rank);
  const shares = spillOver(ordered, options.overprovision ?? 1.4);
  const levels = ordered.flatMap(({ key, candidates }, index) => parts(key, candidates, shares[index] ?? 0, options));
  return { levels: levels.filter(({ candidates }) => candidates.length > 0), panic, none: noneUsable(backends) };
}

/** A level, and behind it what is beyond the subset. */
function parts(key: string, all: readonly Backend[], share: number, { subset }: LevelOptions): Level[] {
  if (subset === undefined) return [{ key, candidates: all, share, beyondSubset: false }];
  const [candidates, rest] = partSubset(all, subset);
  return [
    { key, candidates, share, beyondSubset: false },
    { key: `${key}/beyond-subset`, candidates: rest, share: 0, beyondSubset: true },
  ];
}

function draftOf(drafts: Map<string, Draft>, { priority, zone }: Backend, own: string | undefined): Draft {
  const foreign = own !== undefined && zone !== own;
  const key = foreign ? `${priority}/other-zone` : `${priority}`;
  const known = drafts.get(key);
  if (known !== undefined) return known;
  const draft = { key, rank: priority * 2 + (foreign ? 1 : 0), candidates: [], total: 0 };
  drafts.set(key, draft);
  return draft;
}

/** Each level's share: what its usable part, times `overprovision`, covers of what the ones before it left. */
export function spillOver(
  levels: readonly { readonly candidates: readonly unknown[]; readonly total: number }[],
  overprovision: number,
): number[] {
  const health = levels.map(({ candidates, total }) =>
    candidates.length === 0 ? 0 : Math.min(1, (candidates.length / total) * overprovision),
  );
  const sum = health.reduce((a, b) => a + b, 0);
  const scale = sum === 0 ? 0 : 1 / Math.min(1, sum);
  let left = 1;
  return health.map((part) => {
    const share = Math.min(left, part * scale);
    left -= share;
    return share;
  });
}
