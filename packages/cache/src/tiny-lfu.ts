import { CountMinSketch } from "./count-min-sketch.ts";
import { fits, LruSegment, type Weighed } from "./lru-segment.ts";

/** What `TinyLfu` holds. */
export interface Cached extends Weighed {
  /** `hashText` of the key, with the same seed for all: worked out once, because each use counts. */
  readonly hash: number;
}

export interface TinyLfuOptions<V> {
  readonly maxEntries: number;
  readonly maxBytes: number;
  /** Told of each value that goes to make room, or that was not let in. */
  readonly onEvict: (key: string, value: V) => void;
}

/** Share of the window (Caffeine's default), and of the protected part in what remains (SLRU). */
const WINDOW = 0.01;
const PROTECTED = 0.8;

function share(max: Weighed, factor: number): Weighed {
  return { entries: Math.floor(max.entries * factor), bytes: Math.floor(max.bytes * factor) };
}

/**
 * W-TinyLFU (Einziger, Friedman, Manes 2017, arXiv 1512.00727) with weights: what is new passes through a small LRU window;
 * to get from there into the main part, a segmented LRU, it must have been asked for more often of late than all those
 * together that would have to go for it (Einziger, Eytan, Friedman, Manes 2022, arXiv 2105.08770). So neither things asked for
 * once nor one giant flush what is in use.
 */
export class TinyLfu<V extends Cached> implements Weighed {
  readonly #window: LruSegment<V>;
  readonly #probation: LruSegment<V>;
  readonly #protected: LruSegment<V>;
  readonly #windowMax: Weighed;
  readonly #mainMax: Weighed;
  readonly #sketch: CountMinSketch;
  readonly #onEvict: (key: string, value: V) => void;

  constructor({ maxEntries, maxBytes, onEvict }: TinyLfuOptions<V>) {
    const max = { entries: maxEntries, bytes: maxBytes };
    const windowMax = share(max, WINDOW);
    this.#windowMax = { entries: Math.max(1, windowMax.entries), bytes: windowMax.bytes };
    this.#mainMax = { entries: maxEntries - this.#windowMax.entries, bytes: maxBytes - windowMax.bytes };
    this.#window = new LruSegment(this.#windowMax);
    this.#probation = new LruSegment(this.#mainMax);
    this.#protected = new LruSegment(share(this.#mainMax, PROTECTED));
    this.#sketch = new CountMinSketch(maxEntries);
    this.#onEvict = onEvict;
  }

  get bytes(): number {
    return this.#window.bytes + this.#mainBytes;
  }

  get entries(): number {
    return this.#window.entries + this.#mainEntries;
  }

  get #mainBytes(): number {
    return this.#probation.bytes + this.#protected.bytes;
  }

  get #mainEntries(): number {
    return this.#probation.entries + this.#protected.entries;
  }

  /** The value, which now counts as used once more. */
  get(key: string): V | undefined {
    const value = this.#protected.get(key) ?? this.#window.get(key) ?? this.#promote(key);
    if (value !== undefined) this.#sketch.add(value.hash);
    return value;
  }

  /** Notes that a value was asked for in vain: only so can it be let in later. */
  miss(hash: number): void {
    this.#sketch.add(hash);
  }

  /** The value, without noting anything. */
  peek(key: string): V | undefined {
    return this.#protected.peek(key) ?? this.#probation.peek(key) ?? this.#window.peek(key);
  }

  /** Adds a value, or replaces the one of that key; false where it was not let in, and nothing is held under the key. */
  set(key: string, value: V): boolean {
    const main = this.#mainSegmentOf(key);
    this.delete(key);
    if (main === undefined) this.#insert(key, value);
    else if (fits(value, this.#mainMax)) main.set(key, value);
    else this.#onEvict(key, value);
    this.#keepBounds();
    return this.peek(key) !== undefined;
  }

  delete(key: string): V | undefined {
    return this.#protected.delete(key) ?? this.#probation.delete(key) ?? this.#window.delete(key);
  }

  keys(): string[] {
    return [...this.#protected.keys(), ...this.#probation.keys(), ...this.#window.keys()];
  }

  #mainSegmentOf(key: string): LruSegment<V> | undefined {
    if (this.#protected.has(key)) return this.#protected;
    return this.#probation.has(key) ? this.#probation : undefined;
  }

  /** What is larger than the window would push everything else out of it: it goes to the contest at once. */
  #insert(key: string, value: V): void {
    if (fits(value, this.#windowMax)) this.#window.set(key, value);
    else this.#admit(key, value);
  }

  #promote(key: string): V | undefined {
    const value = this.#probation.delete(key);
    if (value === undefined) return undefined;
    this.#protected.set(key, value);
    this.#demote();
    return value;
  }

  #demote(): void {
    while (this.#protected.isOver) {
      const [key, value] = this.#protected.pop() ?? [];
      if (key === undefined || value === undefined) return;
      this.#probation.set(key, value);
    }
  }

  #keepBounds(): void {
    while (this.#window.isOver) {
      const [key, value] = this.#window.pop() ?? [];
      if (key === undefined || value === undefined) break;
      this.#admit(key, value);
    }
    this.#demote();
    // Only a value that has grown in place brings the main part over its bounds.
    while (this.#lacksRoom(0, 0)) {
      const [key, value] = this.#probation.pop() ?? this.#protected.pop() ?? [];
      if (key === undefined || value === undefined) break;
      this.#onEvict(key, value);
    }
  }

  #lacksRoom(bytes: number, entries: number): boolean {
    return this.#mainBytes + bytes > this.#mainMax.bytes || this.#mainEntries + entries > this.#mainMax.entries;
  }

  /** The contest: a candidate takes the place of those used longest ago if it is worth more than they are together. */
  #admit(key: string, value: V): void {
    const victims = fits(value, this.#mainMax) ? this.#victimsOf(value) : undefined;
    if (victims === undefined) {
      this.#onEvict(key, value);
      return;
    }
    for (const victim of victims) {
      const evicted = this.delete(victim);
      if (evicted !== undefined) this.#onEvict(victim, evicted);
    }
    this.#probation.set(key, value);
  }

  /** The keys that have to go for a candidate; undefined where they are worth as much or more. */
  #victimsOf(value: V): string[] | undefined {
    let { bytes, entries } = value;
    let worth = this.#sketch.estimate(value.hash);
    const victims: string[] = [];
    for (const segment of [this.#probation, this.#protected]) {
      for (const victim of segment.keys()) {
        if (!this.#lacksRoom(bytes, entries)) return victims;
        const freed = segment.peek(victim);
        if (freed === undefined) continue;
        worth -= this.#sketch.estimate(freed.hash);
        if (worth <= 0) return undefined;
        victims.push(victim);
        bytes -= freed.bytes;
        entries -= freed.entries;
      }
    }
    return victims;
  }
}
