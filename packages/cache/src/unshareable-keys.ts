import { LRUCache } from "lru-cache";
import type { CacheKey } from "./types.ts";

/**
 * Remembers keys whose last answer was for one client alone, so that the next requests do not wait for each other in vain
 * (Varnish calls it hit-for-miss). Bound by number; forgetting one costs a wait at most.
 */
export class UnshareableKeys {
  readonly #until: LRUCache<CacheKey, number>;
  readonly #lifetime: number;

  /**
   * @param lifetime ms; 120 000
   * @param entries 1000
   */
  constructor(lifetime: number = 120_000, entries: number = 1000) {
    this.#until = new LRUCache({ max: entries });
    this.#lifetime = lifetime;
  }

  /** An answer could not be shared. Counts for a lifetime, or where it was noted before for half of one at least. */
  note(key: CacheKey, now: number): void {
    const until = this.#until.peek(key);
    if (until === undefined || until - now < this.#lifetime / 2) this.#until.set(key, now + this.#lifetime);
  }

  /** An answer was shared or could have been. */
  forget(key: CacheKey): void {
    this.#until.delete(key);
  }

  has(key: CacheKey, now: number): boolean {
    const until = this.#until.get(key);
    return until !== undefined && now < until;
  }
}
