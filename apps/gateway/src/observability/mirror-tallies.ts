import { ByLabel, Count } from "./tally.ts";

/** How many copies for a pool ended so. */
export type Mirrored = readonly [pool: string, outcome: string, count: number];

/** How copies of requests ended, by the pool that they were for; nothing of them is in any exchange's record. */
export class MirrorTallies {
  readonly #pools = new ByLabel(() => new ByLabel(() => new Count(), 64, "other"), 1000, "other");

  count(pool: string, outcome: string): void {
    this.#pools.at(pool).at(outcome).value++;
  }

  /** What was counted since the last call, for another process. */
  take(): Mirrored[] {
    const counted = [...this];
    this.#pools.retain(() => false);
    return counted;
  }

  /** Adds what another process has counted. */
  add(counted: readonly Mirrored[]): void {
    for (const [pool, outcome, count] of counted) this.#pools.at(pool).at(outcome).value += count;
  }

  *[Symbol.iterator](): IterableIterator<Mirrored> {
    for (const [pool, outcomes] of this.#pools)
      for (const [outcome, { value }] of outcomes) yield [pool, outcome, value];
  }
}
