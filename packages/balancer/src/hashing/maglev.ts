import type { Backend } from "../backend.ts";
import { hash32, mix32 } from "./hash.ts";
import type { HashTable } from "./hash-table.ts";

/** A prime, so that every step visits every slot. */
const SLOTS = 65_537;

interface Filler {
  readonly owner: number;
  readonly weight: number;
  readonly step: number;
  slot: number;
  /** It takes a slot in rounds in which its weight times the round has reached this. */
  due: number;
}

/**
 * A Maglev table: backends take turns in claiming the next free slot of their own permutation, so that each owns an
 * equal part (or one by weight) of 65 537 slots; O(1) lookup. One that leaves moves its own hashes and few others.
 * Source: Eisenbud et al., "Maglev" (NSDI 2016); weights as in Envoy's `MaglevTable`.
 */
export function buildMaglev(backends: readonly Backend[]): HashTable {
  const owners = new Int32Array(SLOTS).fill(-1);
  const heaviest = backends.reduce((most, { weight }) => Math.max(most, weight), 0);
  const fillers = backends.map(({ id, weight }, owner): Filler => {
    const hash = hash32(id);
    return { owner, weight, slot: hash % SLOTS, step: 1 + (mix32(hash ^ 0x9e3779b9) % (SLOTS - 1)), due: 0 };
  });
  let filled = 0;
  for (let round = 1; filled < SLOTS; round++) {
    for (const filler of fillers) {
      if (filled === SLOTS || round * filler.weight < filler.due) continue;
      filler.due += heaviest;
      claim(owners, filler);
      filled++;
    }
  }
  return { owners, slotOf: (hash) => hash % SLOTS };
}

/** Takes the next slot of the filler's permutation that is free. */
function claim(owners: Int32Array, filler: Filler): void {
  while (owners[filler.slot] !== -1) filler.slot = (filler.slot + filler.step) % SLOTS;
  owners[filler.slot] = filler.owner;
}
