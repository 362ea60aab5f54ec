/** Whether `a` comes before `b`. */
export type Before<T> = (a: T, b: T) => boolean;

/** Moves the entry at `index` down to its place. */
export function siftDown<T>(heap: T[], start: number, before: Before<T>): void {
  let index = start;
  const entry = heap[index];
  if (entry === undefined) return;
  for (;;) {
    let child = 2 * index + 1;
    let least = heap[child];
    if (least === undefined) break;
    const right = heap[child + 1];
    if (right !== undefined && before(right, least)) {
      least = right;
      child++;
    }
    if (!before(least, entry)) break;
    heap[index] = least;
    index = child;
  }
  heap[index] = entry;
}

/** Orders any array as a heap, least first. */
export function heapify<T>(heap: T[], before: Before<T>): void {
  for (let index = (heap.length >> 1) - 1; index >= 0; index--) siftDown(heap, index, before);
}
