/** A binary heap with the largest number on top; each number carries an object. */
class MaxHeap {
  readonly #keys: number[] = [];
  readonly #values: number[] = [];

  get top(): { readonly key: number; readonly value: number } {
    return { key: this.#keys[0] ?? -1, value: this.#values[0] ?? -1 };
  }

  push(key: number, value: number): void {
    let at = this.#keys.push(key) - 1;
    this.#values.push(value);
    while (at > 0 && (this.#keys[(at - 1) >> 1] ?? 0) < key) {
      this.#swap(at, (at - 1) >> 1);
      at = (at - 1) >> 1;
    }
  }

  pop(): void {
    this.#swap(0, this.#keys.length - 1);
    this.#keys.pop();
    this.#values.pop();
    let at = 0;
    for (;;) {
      let largest = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if ((this.#keys[child] ?? -1) > (this.#keys[largest] ?? -1)) largest = child;
      }
      if (largest === at) return;
      this.#swap(at, largest);
      at = largest;
    }
  }

  #swap(a: number, b: number): void {
    [this.#keys[a], this.#keys[b]] = [this.#keys[b] ?? 0, this.#keys[a] ?? 0];
    [this.#values[a], this.#values[b]] = [this.#values[b] ?? 0, this.#values[a] ?? 0];
  }
}

/** For each request, the position of the next one for the same object, or beyond the end. */
function nextUses(trace: Uint32Array): Uint32Array {
  const next = new Uint32Array(trace.length);
  const seen = new Map<number, number>();
  for (let i = trace.length - 1; i >= 0; i -= 1) {
    const object = trace[i] ?? 0;
    next[i] = seen.get(object) ?? trace.length;
    seen.set(object, i);
  }
  return next;
}

/** Hits of Belady's MIN: what is wanted again latest goes, the newcomer itself if that is it. */
export function optimalHits(trace: Uint32Array, capacity: number): number {
  const next = nextUses(trace);
  const held = new Map<number, number>();
  const heap = new MaxHeap();
  let hits = 0;
  for (let i = 0; i < trace.length; i += 1) {
    const object = trace[i] ?? 0;
    const use = next[i] ?? trace.length;
    if (held.has(object)) hits += 1;
    held.set(object, use);
    heap.push(use, object);
    while (held.size > capacity) {
      const { key, value } = heap.top;
      heap.pop();
      // What was used since it was pushed is there again with its new next use.
      if (held.get(value) === key) held.delete(value);
    }
  }
  return hits;
}
