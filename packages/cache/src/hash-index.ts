/** What an index finds. */
export interface Hashed<V extends Hashed<V>> {
  readonly key: string;
  /** Of the key, the same for the same key. An integer of 32 bits. */
  readonly hash: number;
  /** The next one that has the same place. Set by the index alone. */
  next: V | null;
}

/** Places of an index without a value; so many portions of it are the same values as it grows. */
const FEWEST = 256;

/**
 * Finds values by key by way of its hash, which the owner needs anyway: chains through the values themselves, so that a look-up reads its
 * place and the value, and nothing between them. A Map of strings would look each key up in V8's table of all internal strings first, one of
 * numbers reads two places of its own; with 100,000 entries none of these is in the processor's caches.
 */
export class HashIndex<V extends Hashed<V>> {
  /** As many as a power of two, and no fewer than there are values in chains. */
  #places: (V | null)[] = emptyPlaces(FEWEST);
  #chained = 0;
  /** Those whose hash is that of another: some, by chance, among a hundred thousand. Made to collide, they make no chain longer. */
  readonly #others = new Map<string, V>();

  get(key: string, hash: number): V | undefined {
    const value = this.#withHash(hash);
    if (value?.key === key) return value;
    return this.#others.size === 0 ? undefined : this.#others.get(key);
  }

  /** Adds a value, of whose key there is none. */
  add(value: V): void {
    if (this.#withHash(value.hash) !== undefined) {
      this.#others.set(value.key, value);
      return;
    }
    if (this.#chained === this.#places.length) this.#grow();
    this.#chain(value);
    this.#chained += 1;
  }

  delete(value: V): void {
    if (this.#withHash(value.hash) === value) this.#unchain(value);
    else this.#others.delete(value.key);
  }

  /**
   * The values of one of so many portions, a power of two up to `FEWEST`, that together are all of them. A value stays in its own as the
   * index grows. To be gone through without a change to the index.
   */
  *portion(portion: number, portions: number): Generator<V> {
    for (let at = portion; at < this.#places.length; at += portions)
      for (let value = this.#places[at] ?? null; value !== null; value = value.next) yield value;
    if (portion === 0) yield* this.#others.values();
  }

  #withHash(hash: number): V | undefined {
    let value = this.#places[hash & (this.#places.length - 1)] ?? null;
    while (value !== null && value.hash !== hash) value = value.next;
    return value ?? undefined;
  }

  #chain(value: V): void {
    const place = value.hash & (this.#places.length - 1);
    value.next = this.#places[place] ?? null;
    this.#places[place] = value;
  }

  #unchain(value: V): void {
    const place = value.hash & (this.#places.length - 1);
    let before = this.#places[place] ?? null;
    if (before === value) this.#places[place] = value.next;
    else {
      while (before !== null && before.next !== value) before = before.next;
      if (before !== null) before.next = value.next;
    }
    value.next = null;
    this.#chained -= 1;
  }

  #grow(): void {
    const values = this.#places;
    this.#places = emptyPlaces(values.length * 2);
    for (const first of values) {
      let value = first;
      while (value !== null) {
        const { next } = value;
        this.#chain(value);
        value = next;
      }
    }
  }
}

/** Without holes, which V8 would look up in the prototypes. */
function emptyPlaces<V>(count: number): (V | null)[] {
  return new Array<V | null>(count).fill(null);
}
