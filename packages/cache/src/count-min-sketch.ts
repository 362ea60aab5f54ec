const ROWS = 4;
/** Counters of 4 bits in each 32-bit word. */
const COUNTERS_PER_WORD = 8;
export const LARGEST_COUNT = 15;
/** Clears the bit that a shift by one moves in from the counter above. */
const HALVED = 0x77777777;
/** Of a row in a block, and of a block. */
const COUNTERS_PER_ROW = 32;
const COUNTERS_PER_BLOCK = ROWS * COUNTERS_PER_ROW;
const FNV_PRIME = 0x01000193;

/** FNV-1a over the UTF-16 units of a text, finished as in MurmurHash3. */
export function hashText(text: string, seed: number): number {
  let hash = 0x811c9dc5 ^ seed;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), FNV_PRIME);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

/**
 * Estimates how often things were seen of late: a count-min sketch (Cormode, Muthukrishnan 2005) of 4-bit counters with
 * conservative update, all halved after ten times as many additions as the cache has places, as in "TinyLFU: A Highly Efficient
 * Cache Admission Policy" (Einziger, Friedman, Manes 2017, arXiv 1512.00727). All counters of a thing lie in one block of 64 bytes, as
 * in Caffeine since 3.1: one cache line is fetched, or two, in place of four. Takes 8 to 16 bytes a place.
 */
export class CountMinSketch {
  readonly #words: Uint32Array;
  readonly #blocks: number;
  readonly #sample: number;
  #additions = 0;
  #halvings = 0;

  /** @param capacity how many things the cache holds */
  constructor(capacity: number) {
    const counters = 2 ** Math.ceil(Math.log2(Math.max(COUNTERS_PER_BLOCK, capacity * 16)));
    this.#words = new Uint32Array(counters / COUNTERS_PER_WORD);
    this.#blocks = counters / COUNTERS_PER_BLOCK;
    this.#sample = Math.max(16, capacity) * 10;
  }

  /** How often all counts have been halved. */
  get halvings(): number {
    return this.#halvings;
  }

  /** The first counter of a thing's block. */
  #block(hash: number): number {
    const spread = Math.imul(hash, 0x9e3779b1);
    return ((spread ^ (spread >>> 15)) & (this.#blocks - 1)) * COUNTERS_PER_BLOCK;
  }

  #count(counter: number): number {
    return ((this.#words[counter >>> 3] ?? 0) >>> ((counter & 7) << 2)) & LARGEST_COUNT;
  }

  /** How often this was seen, from 0 to 15; never too low since the last halving. */
  estimate(hash: number): number {
    return this.#least(this.#block(hash), placesOf(hash));
  }

  #least(block: number, places: number): number {
    let least = LARGEST_COUNT;
    for (let row = 0; row < ROWS; row += 1) least = Math.min(least, this.#count(block + counterIn(row, places)));
    return least;
  }

  /** Notes that this was seen once more. */
  add(hash: number): void {
    const block = this.#block(hash);
    const places = placesOf(hash);
    const least = this.#least(block, places);
    if (least < LARGEST_COUNT) {
      for (let row = 0; row < ROWS; row += 1) {
        const counter = block + counterIn(row, places);
        if (this.#count(counter) === least) this.#increase(counter, 1);
      }
    }
    this.tick();
  }

  /** Notes that something was seen which is counted elsewhere, where its count is to be halved with all others. */
  tick(): void {
    this.#additions += 1;
    if (this.#additions >= this.#sample) this.#age();
  }

  /** What was counted elsewhere is counted here from now on. */
  raise(hash: number, count: number): void {
    const block = this.#block(hash);
    const places = placesOf(hash);
    for (let row = 0; row < ROWS; row += 1) {
      const counter = block + counterIn(row, places);
      this.#increase(counter, Math.max(0, count - this.#count(counter)));
    }
  }

  #increase(counter: number, by: number): void {
    this.#words[counter >>> 3] = (this.#words[counter >>> 3] ?? 0) + (by << ((counter & 7) << 2));
  }

  #age(): void {
    for (let i = 0; i < this.#words.length; i += 1) this.#words[i] = ((this.#words[i] ?? 0) >>> 1) & HALVED;
    this.#additions = Math.floor(this.#additions / 2);
    this.#halvings += 1;
  }
}

/** Its places in the rows of its block, a byte each. */
function placesOf(hash: number): number {
  const spread = Math.imul(hash ^ (hash >>> 16), 0x85ebca77);
  return spread ^ (spread >>> 13);
}

function counterIn(row: number, places: number): number {
  return row * COUNTERS_PER_ROW + ((places >>> (row << 3)) & (COUNTERS_PER_ROW - 1));
}
