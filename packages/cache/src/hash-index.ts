/** What an index finds. */
export interface Hashed {
  readonly key: string;
  /** Of the key, the same for the same key. An integer of 32 bits. */
  readonly hash: number;
}

/**
 * Finds values by key by way of its hash, which the owner needs anyway. A Map of strings would look each key up in V8's table of all
 * internal strings first: with 100,000 entries that is one memory access after the other, none of them in the processor's caches.
 */
export class HashIndex<V extends Hashed> {
  readonly #byHash = new Map<number, V>();
  /** Those whose hash is taken by another: some, by chance, among a hundred thousand. */
  readonly #others = new Map<string, V>();

  get(key: string, hash: number): V | undefined {
    const value = this.#byHash.get(hash);
    if (value?.key === key) return value;
    return this.#others.size === 0 ? undefined : this.#others.get(key);
  }

  /** Adds a value, of whose key there is none. */
  add(value: V): void {
    if (this.#byHash.has(value.hash)) this.#others.set(value.key, value);
    else this.#byHash.set(value.hash, value);
  }

  delete(value: V): void {
    if (this.#byHash.get(value.hash) === value) this.#byHash.delete(value.hash);
    else this.#others.delete(value.key);
  }
}
