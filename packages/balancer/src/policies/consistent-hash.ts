import { type Backend, isOpen } from "../backend.ts";
import { hash32 } from "../hashing/hash.ts";
import type { BuildTable, HashTable } from "../hashing/hash-table.ts";
import type { ChooseContext, Policy } from "../policy.ts";
import { drawOpen } from "./draw.ts";

/** So many slots are looked at before the candidates themselves are gone through. */
const WALK = 1024;

/**
 * The same key goes to the same backend while it is there. With a bound, one that has more than `bound` times its fair
 * share of the attempts in flight passes its keys on to the slots after. Exchanges without a key are spread at random.
 * Source: Karger et al. (1997); Mirrokni, Thorup, Zadimoghaddam, "Consistent Hashing with Bounded Loads" (arXiv 1608.01350).
 */
export class ConsistentHash implements Policy {
  readonly #build: BuildTable;
  readonly #bound: number;
  #candidates: readonly Backend[] = [];
  #table: HashTable = { owners: [], slotOf: () => 0 };
  #totalWeight = 0;

  /** `bound` is at least 1; infinite for none. */
  constructor(build: BuildTable, bound: number = Number.POSITIVE_INFINITY) {
    this.#build = build;
    this.#bound = bound;
  }

  pick(candidates: readonly Backend[], context: ChooseContext, active: number): Backend | undefined {
    if (context.hashKey === undefined) return candidates[drawOpen(candidates, context)];
    if (candidates !== this.#candidates) this.#adopt(candidates);
    const slot = this.#table.slotOf(hash32(context.hashKey));
    const perWeight = (this.#bound * (active + 1)) / this.#totalWeight;
    return this.#walk(slot, context.tried, perWeight) ?? this.#walk(slot, context.tried, Number.POSITIVE_INFINITY);
  }

  copy(): Policy {
    const copy = new ConsistentHash(this.#build, this.#bound);
    copy.#candidates = this.#candidates;
    copy.#table = this.#table;
    copy.#totalWeight = this.#totalWeight;
    return copy;
  }

  /** The first from `slot` on that is open and below ⌈perWeight × its weight⌉ attempts. */
  #walk(slot: number, tried: ChooseContext["tried"], perWeight: number): Backend | undefined {
    const { owners } = this.#table;
    const steps = Math.min(WALK, owners.length);
    for (let step = 0; step < steps; step++) {
      const backend = this.#candidates[owners[(slot + step) % owners.length] ?? 0];
      if (backend !== undefined && hasRoom(backend, tried, perWeight)) return backend;
    }
    return this.#candidates.find((backend) => hasRoom(backend, tried, perWeight));
  }

  #adopt(candidates: readonly Backend[]): void {
    this.#candidates = candidates;
    this.#table = this.#build(candidates);
    this.#totalWeight = candidates.reduce((sum, { weight }) => sum + weight, 0);
  }
}

function hasRoom(backend: Backend, tried: ChooseContext["tried"], perWeight: number): boolean {
  return backend.active < Math.ceil(perWeight * backend.weight) && isOpen(backend, tried);
}
