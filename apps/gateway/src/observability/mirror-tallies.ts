import { ByLabel, Count } from "./tally.ts";

/** How copies of requests ended, by the pool that they were for; nothing of them is in any exchange's record. */
export class MirrorTallies {
  readonly #pools = new ByLabel(() => new ByLabel(() => new Count(), 64, "other"), 1000, "other");

  count(pool: string, outcome: string): void {
    this.#pools.at(pool).at(outcome).value++;
  }

  *[Symbol.iterator](): IterableIterator<[pool: string, outcome: string, count: number]> {
    for (const [pool, outcomes] of this.#pools)
      for (const [outcome, { value }] of outcomes) yield [pool, outcome, value];
  }
}
