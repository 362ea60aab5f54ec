/** What is on a list keeps its place there. */
export interface Listed {
  /** Set by the list; -1 while on none. */
  place: number;
}

/**
 * A list without order, to be joined and left at once. Where each request does both, a Set costs half a microsecond more; and
 * each time a Set makes itself a new table, the old one still points to all that was in it, so that by way of old tables
 * garbage keeps garbage alive until the next full collection.
 */
export class WaitingList<T extends Listed> {
  readonly #entries: T[] = [];

  get entries(): readonly T[] {
    return this.#entries;
  }

  add(entry: T): void {
    entry.place = this.#entries.length;
    this.#entries.push(entry);
  }

  /** Takes an entry off; the last one takes its place. */
  remove(entry: T): void {
    if (entry.place < 0) return;
    const last = this.#entries.pop();
    if (last !== undefined && last !== entry) {
      this.#entries[entry.place] = last;
      last.place = entry.place;
    }
    entry.place = -1;
  }
}
