interface Entry<V> {
  readonly text: string;
  readonly value: V;
  /** Another whose text has the same hash. */
  readonly next: Entry<V> | null;
}

/**
 * Values by text, found by a part of another text. For a Map each part would have to be cut out, and V8 would then look it up in its
 * table of all internal strings, outside of compiled code.
 */
export class TextMap<V> {
  readonly #byHash = new Map<number, Entry<V>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** What is at `text`; made and added where there is nothing. */
  at(text: string, make: () => V): V {
    const known = this.find(text, 0, text.length);
    if (known !== undefined) return known;
    const hash = hashOf(text, 0, text.length);
    const value = make();
    this.#byHash.set(hash, { text, value, next: this.#byHash.get(hash) ?? null });
    this.#size += 1;
    return value;
  }

  /** What is at the part of `whole` from `start` up to and without `end`. */
  find(whole: string, start: number, end: number): V | undefined {
    const first = this.#byHash.get(hashOf(whole, start, end)) ?? null;
    for (let entry = first; entry !== null; entry = entry.next)
      if (isPart(entry.text, whole, start, end)) return entry.value;
    return undefined;
  }
}

/** FNV-1a (Fowler, Noll, Vo), over characters; 32 bits. What is in the map is the config's choice, so nobody can make it slow. */
function hashOf(whole: string, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let i = start; i < end; i += 1) hash = Math.imul(hash ^ whole.charCodeAt(i), 0x01000193);
  return hash;
}

function isPart(text: string, whole: string, start: number, end: number): boolean {
  if (text.length !== end - start) return false;
  for (let i = 0; i < text.length; i += 1) if (text.charCodeAt(i) !== whole.charCodeAt(start + i)) return false;
  return true;
}
