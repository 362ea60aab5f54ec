import type { Cached } from "./cached.ts";
import { CountMinSketch, hashText, LARGEST_COUNT } from "./count-min-sketch.ts";
import { HashIndex } from "./hash-index.ts";
import { LruList } from "./lru-list.ts";
import { fits, NOTHING, share, type Weighed, without } from "./weight.ts";

export interface TinyLfuOptions<V> {
  readonly max: Weighed;
  /** A random integer, against requests made to collide. */
  readonly seed: number;
  /** Told of each value that goes to make room, or that was not let in. */
  readonly onEvict: (value: V) => void;
}

/** Share of the window (Caffeine's default), and of the protected part in what remains (SLRU). */
const WINDOW = 0.01;
const PROTECTED = 0.8;
/** So many at most are passed over at once when some must go from the protected part: then those go that come next, asked for or not. */
const CHANCES = 64;

/**
 * W-TinyLFU (Einziger, Friedman, Manes 2017, arXiv 1512.00727) with weights: what is new passes through a small LRU window;
 * to get from there into the main part, a segmented LRU, it must have been asked for more often of late than all those
 * together that would have to go for it (Einziger, Eytan, Friedman, Manes 2022, arXiv 2105.08770). So neither things asked for
 * once nor one giant flush what is in use. What is held counts its uses itself, what is not is counted by a sketch. The protected part is
 * a list by last use only as far as a second chance makes it one (CLOCK, Corbató 1968): a hit there notes that it was one, and touches
 * nothing but its value.
 */
export class TinyLfu<V extends Cached<V>> implements Weighed {
  readonly #index = new HashIndex<V>();
  readonly #window: LruList<V>;
  readonly #probation: LruList<V>;
  readonly #protected: LruList<V>;
  readonly #windowMax: Weighed;
  readonly #mainMax: Weighed;
  readonly #protectedMax: Weighed;
  readonly #sketch: CountMinSketch;
  readonly #seed: number;
  readonly #onEvict: (value: V) => void;

  constructor({ max, seed, onEvict }: TinyLfuOptions<V>) {
    const windowMax = share(max, WINDOW);
    this.#windowMax = { ...windowMax, entries: Math.max(1, windowMax.entries) };
    this.#mainMax = without(max, this.#windowMax);
    this.#window = new LruList(this.#windowMax);
    this.#probation = new LruList(this.#mainMax);
    this.#protectedMax = share(this.#mainMax, PROTECTED);
    this.#protected = new LruList(this.#protectedMax);
    this.#sketch = new CountMinSketch(max.entries);
    this.#seed = seed;
    this.#onEvict = onEvict;
  }

  get entries(): number {
    return this.#window.entries + this.#probation.entries + this.#protected.entries;
  }

  get bytes(): number {
    return this.#window.bytes + this.#probation.bytes + this.#protected.bytes;
  }

  get heap(): number {
    return this.#window.heap + this.#probation.heap + this.#protected.heap;
  }

  hashOf(key: string): number {
    return hashText(key, this.#seed);
  }

  /** The value, which now counts as used once more. That it was asked for in vain counts too: only so can it be let in later. */
  get(key: string): V | undefined {
    const hash = this.hashOf(key);
    const value = this.#index.get(key, hash);
    if (value === undefined) {
      this.#sketch.add(hash);
      return undefined;
    }
    value.uses = Math.min(LARGEST_COUNT, this.#usesOf(value) + 1);
    value.halved = this.#sketch.halvings;
    this.#sketch.tick();
    if (value.list === this.#protected) value.again = true;
    else if (value.list === this.#probation) this.#promote(value);
    else value.list?.use(value);
    return value;
  }

  /** The value, without noting anything. */
  peek(key: string): V | undefined {
    return this.#index.get(key, this.hashOf(key));
  }

  /** Adds a value, or replaces the one of that key; false where it was not let in, and nothing is held under the key. */
  set(value: V): boolean {
    const known = this.#index.get(value.key, value.hash);
    const main = known === undefined || known.list === this.#window ? null : known.list;
    value.uses = known === undefined ? this.#sketch.estimate(value.hash) : this.#usesOf(known);
    value.halved = this.#sketch.halvings;
    if (known !== undefined) this.#takeOut(known);
    if (main === null) this.#insert(value);
    else if (fits(value, this.#mainMax)) this.#putIn(value, main);
    else this.#evict(value);
    this.#keepBounds();
    return value.list !== null;
  }

  delete(key: string): V | undefined {
    const value = this.peek(key);
    if (value !== undefined) this.#forget(value);
    return value;
  }

  keys(): string[] {
    return [this.#protected, this.#probation, this.#window].flatMap((list) =>
      Array.from(list.values(), ({ key }) => key),
    );
  }

  /** One of so many portions, a power of two, of what is held. To be gone through without a change. */
  portion(portion: number, portions: number): Iterable<V> {
    return this.#index.portion(portion, portions);
  }

  /** What is larger than the window would push everything else out of it: it goes to the contest at once. */
  #insert(value: V): void {
    if (fits(value, this.#windowMax)) this.#putIn(value, this.#window);
    else this.#admit(value);
  }

  /** What is larger than the protected part would push everything else out of it, and come back itself. */
  #promote(value: V): void {
    if (!fits(value, this.#protectedMax)) {
      this.#probation.use(value);
      return;
    }
    this.#probation.remove(value);
    value.again = false;
    this.#protected.add(value);
    this.#demote();
  }

  #demote(): void {
    let chances = CHANCES;
    while (this.#protected.isOver) {
      const value = this.#protected.pop();
      if (value === null) return;
      const stays = value.again && chances > 0;
      value.again = false;
      if (stays) chances -= 1;
      (stays ? this.#protected : this.#probation).add(value);
    }
  }

  #keepBounds(): void {
    while (this.#window.isOver) {
      const value = this.#window.oldest;
      if (value === null) break;
      this.#takeOut(value);
      this.#admit(value);
    }
    this.#demote();
    // Only a value that has grown in place brings the main part over its bounds.
    while (this.#lacksRoom(NOTHING)) {
      const value = this.#probation.oldest ?? this.#protected.oldest;
      if (value === null) break;
      this.#takeOut(value);
      this.#evict(value);
    }
  }

  /** Whether the main part would be over its bounds with this added. */
  #lacksRoom({ entries, bytes, heap }: Weighed): boolean {
    const one = this.#probation;
    const other = this.#protected;
    const max = this.#mainMax;
    return (
      one.entries + other.entries + entries > max.entries ||
      one.bytes + other.bytes + bytes > max.bytes ||
      one.heap + other.heap + heap > max.heap
    );
  }

  /** The contest: a candidate takes the place of those used longest ago if it is worth more than they are together. */
  #admit(value: V): void {
    const victims = fits(value, this.#mainMax) ? this.#victimsOf(value) : undefined;
    if (victims === undefined) {
      this.#evict(value);
      return;
    }
    for (const victim of victims) {
      this.#takeOut(victim);
      this.#evict(victim);
    }
    this.#putIn(value, this.#probation);
  }

  /** Those that have to go for a candidate; undefined where they are worth as much or more. */
  #victimsOf(value: V): V[] | undefined {
    let lacking: Weighed = value;
    let worth = this.#usesOf(value);
    const victims: V[] = [];
    for (const list of [this.#probation, this.#protected]) {
      for (const victim of list.values()) {
        if (!this.#lacksRoom(lacking)) return victims;
        worth -= this.#usesOf(victim);
        if (worth <= 0) return undefined;
        victims.push(victim);
        lacking = without(lacking, victim);
      }
    }
    return victims;
  }

  /** Halved as often as the sketch's counters have been since. */
  #usesOf({ uses, halved }: V): number {
    const times = this.#sketch.halvings - halved;
    return times === 0 ? uses : uses >> Math.min(times, 4);
  }

  #putIn(value: V, list: LruList<V>): void {
    this.#index.add(value);
    list.add(value);
  }

  #takeOut(value: V): void {
    this.#index.delete(value);
    value.list?.remove(value);
  }

  /** The sketch counts on for what is no longer held. */
  #forget(value: V): void {
    this.#takeOut(value);
    this.#sketch.raise(value.hash, this.#usesOf(value));
  }

  #evict(value: V): void {
    this.#sketch.raise(value.hash, this.#usesOf(value));
    this.#onEvict(value);
  }
}
