import type { OnReadOpts } from "node:net";

/**
 * Takes what has come, and tells whether nothing of it is held any more when this returns. Unless the bytes `last`, they may be
 * overwritten in any case.
 */
export type TakeBytes = (bytes: Buffer, last: boolean) => boolean;

const SLAB_SIZE = 64 * 1024;
/** For a body that its client takes as fast as it comes: with fewer, larger pieces 1 MB cost a third less. */
const FAST_SLAB_SIZE = 4 * SLAB_SIZE;
/** Every connection reads into this one, so that nothing is allocated for a small response. */
const slab: Buffer = Buffer.allocUnsafeSlow(SLAB_SIZE);

/**
 * Reads a socket past its stream. As long as more than a slab comes at once, it is read into a slab of its own, which is handed on as
 * it is, and used again where it came back at once: to copy large bodies would cost more than to allocate for them, and to allocate
 * for each piece makes the garbage collector run all the time.
 */
export class ByteReader implements OnReadOpts {
  readonly buffer = (): Buffer => {
    if (!this.#large) return slab;
    if (this.#own === null || (this.#spent && this.#own.length < FAST_SLAB_SIZE))
      this.#own = Buffer.allocUnsafeSlow(this.#spent ? FAST_SLAB_SIZE : SLAB_SIZE);
    return this.#own;
  };
  readonly callback = (count: number, buffer: Uint8Array): boolean => {
    const bytes = buffer as Buffer;
    this.#large = count === bytes.length;
    // A few bytes must not keep a whole slab alive.
    const last = bytes !== slab && count * 2 >= bytes.length;
    const spent = this.#take(this.#large ? bytes : bytes.subarray(0, count), last);
    this.#spent = last && spent;
    if (!this.#large || (last && !spent)) this.#own = null;
    return true;
  };
  readonly #take: TakeBytes;
  #large = false;
  /** The last piece came in a slab of its own, and came back at once. */
  #spent = false;
  /** A slab that nothing but this reads or holds. */
  #own: Buffer | null = null;

  constructor(take: TakeBytes) {
    this.#take = take;
  }
}
