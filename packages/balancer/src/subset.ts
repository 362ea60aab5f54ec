import type { Backend } from "./backend.ts";
import { hash32 } from "./hashing/hash.ts";

/** The part of a level's backends that this gateway uses; each gateway has another. */
export interface Subset {
  /** How many of each level are used together. */
  readonly size: number;
  /** Name of this gateway; those of the same name use the same backends. */
  readonly gateway: string;
}

/**
 * Parts candidates into the subset and the rest, each in the order that they had. The subset is those that rank highest for
 * this gateway (rendezvous hashing), so that one which goes is replaced by the next in rank, all others stay, and
 * over many gateways each backend is in about as many subsets as the others.
 * Source: Thaler, Ravishankar 1998; gRPC A68 random subsetting, which also ranks those that are down.
 */
export function partSubset(
  candidates: readonly Backend[],
  { size, gateway }: Subset,
): readonly [subset: readonly Backend[], rest: readonly Backend[]] {
  if (candidates.length <= size) return [candidates, []];
  const ranked = candidates.map((backend, at) => ({ at, rank: hash32(`${gateway} ${backend.id}`) }));
  ranked.sort((a, b) => a.rank - b.rank);
  const inside = new Set(ranked.slice(0, size).map(({ at }) => at));
  return [candidates.filter((_, at) => inside.has(at)), candidates.filter((_, at) => !inside.has(at))];
}
