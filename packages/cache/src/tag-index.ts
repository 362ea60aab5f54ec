/** Which keys bear a tag. */
export class TagIndex {
  readonly #keys = new Map<string, Set<string>>();

  add(tag: string, key: string): void {
    const keys = this.#keys.get(tag);
    if (keys === undefined) this.#keys.set(tag, new Set([key]));
    else keys.add(key);
  }

  delete(tag: string, key: string): void {
    const keys = this.#keys.get(tag);
    keys?.delete(key);
    if (keys?.size === 0) this.#keys.delete(tag);
  }

  /** A copy, so that purging may change the index. */
  keysOf(tag: string): string[] {
    return [...(this.#keys.get(tag) ?? [])];
  }
}
