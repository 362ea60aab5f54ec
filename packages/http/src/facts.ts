/** What a fact may be; null where the fields say nothing. */
type Value = NonNullable<unknown> | null;

let count = 0;

/** Something that a field section says: a field's value, a number of members. It is looked for once in each section. */
export class Fact<T extends Value> {
  /** Its place among all facts. */
  readonly place: number = count++;
  /** Finds it in a flat list of fields; depends on nothing else. */
  readonly read: (fields: readonly string[]) => T;

  constructor(read: (fields: readonly string[]) => T) {
    this.read = read;
  }
}

/**
 * The fields of a request, with what has been found in them. Most programs send the same section in each request of a connection, and
 * then it is read and understood once; HTTP/2 has its dynamic table for that (RFC 7541 §2.3.2).
 */
export class FieldSection {
  /** Flat `[name, value, ...]` as received; never changed, since several requests share it. */
  readonly list: readonly string[];
  readonly #found: unknown[] = new Array(count);

  constructor(list: readonly string[]) {
    this.list = list;
  }

  of<T extends Value>(fact: Fact<T>): T {
    const { place } = fact;
    const found = this.#found[place];
    if (found !== undefined) return found as T;
    const value = fact.read(this.list);
    this.#found[place] = value;
    return value;
  }
}
