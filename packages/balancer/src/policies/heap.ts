/** What a heap holds: it keeps each entry's place, so that one can be moved when its order changes. */
export interface HeapEntry {
  place: number;
}

/** A binary heap, least first, whose entries may change their order in place. */
export class Heap<T extends HeapEntry> {
  readonly #entries: T[];
  readonly #before: (a: T, b: T) => boolean;

  constructor(entries: T[], before: (a: T, b: T) => boolean) {
    this.#entries = entries;
    this.#before = before;
    entries.forEach((entry, place) => {
      entry.place = place;
    });
    for (let place = (entries.length >> 1) - 1; place >= 0; place--) this.#sink(place);
  }

  /** A heap of copies of the entries, in the same places. */
  copy(copyOf: (entry: T) => T): Heap<T> {
    return new Heap(this.#entries.map(copyOf), this.#before);
  }

  get least(): T | undefined {
    return this.#entries[0];
  }

  get size(): number {
    return this.#entries.length;
  }

  /** Moves an entry whose order changed to its place; O(log n). */
  moved(entry: T): void {
    this.#rise(entry.place);
    this.#sink(entry.place);
  }

  #rise(start: number): void {
    const entry = this.#entries[start];
    let place = start;
    while (entry !== undefined && place > 0) {
      const parent = this.#entries[(place - 1) >> 1];
      if (parent === undefined || !this.#before(entry, parent)) break;
      this.#put(parent, place);
      place = (place - 1) >> 1;
    }
    if (entry !== undefined) this.#put(entry, place);
  }

  #sink(start: number): void {
    const entry = this.#entries[start];
    if (entry === undefined) return;
    let place = start;
    for (let child = this.#lesserChild(place); child !== undefined; child = this.#lesserChild(place)) {
      if (!this.#before(child, entry)) break;
      const next = child.place;
      this.#put(child, place);
      place = next;
    }
    this.#put(entry, place);
  }

  #lesserChild(place: number): T | undefined {
    const left = this.#entries[2 * place + 1];
    const right = this.#entries[2 * place + 2];
    return left !== undefined && right !== undefined && this.#before(right, left) ? right : left;
  }

  #put(entry: T, place: number): void {
    this.#entries[place] = entry;
    entry.place = place;
  }
}
