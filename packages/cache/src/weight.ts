/** What a value takes of the bounds of a cache. */
export interface Weighed {
  readonly entries: number;
  /** All of its bytes. */
  readonly bytes: number;
  /** Those that lie in the heap of the JavaScript engine, which has a bound of its own and ends the process there. */
  readonly heap: number;
}

export const NOTHING: Weighed = { entries: 0, bytes: 0, heap: 0 };

/** Whether a value could be held at all under these bounds. */
export function fits(value: Weighed, max: Weighed): boolean {
  return value.bytes <= max.bytes && value.heap <= max.heap && value.entries <= max.entries;
}

/** A part of bounds. */
export function share(max: Weighed, factor: number): Weighed {
  return {
    entries: Math.floor(max.entries * factor),
    bytes: Math.floor(max.bytes * factor),
    heap: Math.floor(max.heap * factor),
  };
}

/** What is left of one without the other. */
export function without(from: Weighed, what: Weighed): Weighed {
  return { entries: from.entries - what.entries, bytes: from.bytes - what.bytes, heap: from.heap - what.heap };
}
