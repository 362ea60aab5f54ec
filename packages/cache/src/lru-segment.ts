import { LRUCache } from "lru-cache";

/** What a value takes of the two bounds of a cache. */
export interface Weighed {
  readonly bytes: number;
  readonly entries: number;
}

/** Whether a value could be held at all under these bounds. */
export function fits(value: Weighed, max: Weighed): boolean {
  return value.bytes <= max.bytes && value.entries <= max.entries;
}

/** An LRU list that knows what it weighs. Its owner keeps it within its bounds, which it may pass by one value at a time. */
export class LruSegment<V extends Weighed> implements Weighed {
  readonly #lru: LRUCache<string, V>;
  readonly #max: Weighed;
  bytes = 0;
  entries = 0;

  constructor(max: Weighed) {
    // lru-cache must never evict on its own: each value counts as at least one entry, so that this is never reached.
    this.#lru = new LRUCache({ max: max.entries + 2 });
    this.#max = max;
  }

  get isOver(): boolean {
    return !fits(this, this.#max);
  }

  /** The value, which is now the one used last. */
  get(key: string): V | undefined {
    return this.#lru.get(key);
  }

  peek(key: string): V | undefined {
    return this.#lru.peek(key);
  }

  has(key: string): boolean {
    return this.#lru.has(key);
  }

  set(key: string, value: V): void {
    this.delete(key);
    this.#lru.set(key, value);
    this.bytes += value.bytes;
    this.entries += value.entries;
  }

  delete(key: string): V | undefined {
    const value = this.#lru.peek(key);
    if (value === undefined) return undefined;
    this.#lru.delete(key);
    this.bytes -= value.bytes;
    this.entries -= value.entries;
    return value;
  }

  /** Takes out the value used longest ago. */
  pop(): [key: string, value: V] | undefined {
    const { value: key } = this.#lru.rkeys().next();
    const value = key === undefined ? undefined : this.delete(key);
    return key === undefined || value === undefined ? undefined : [key, value];
  }

  /** From the one used longest ago on. */
  keys(): Generator<string> {
    return this.#lru.rkeys();
  }
}
