import type { OnReadOpts } from "node:net";

/** Takes what has come. Unless it `lasts`, it may be overwritten as soon as this returns. */
export type TakeBytes = (bytes: Buffer, lasts: boolean) => void;

const SLAB_SIZE = 64 * 1024;
/** Every connection reads into this one, so that nothing is allocated for a small response. */
const slab: Buffer = Buffer.allocUnsafeSlow(SLAB_SIZE);

/**
 * Reads a socket past its stream. As long as more than a slab comes at once, it is read into buffers of its own, which are
 * handed on as they are: copying large bodies would cost more than allocating for them.
 */
export class ByteReader implements OnReadOpts {
  readonly buffer = (): Buffer => (this.#large ? Buffer.allocUnsafeSlow(SLAB_SIZE) : slab);
  readonly callback = (count: number, buffer: Uint8Array): boolean => {
    const bytes = buffer as Buffer;
    this.#large = count === bytes.length;
    // A few bytes must not keep a whole buffer alive.
    const lasts = bytes !== slab && count * 2 >= bytes.length;
    this.#take(this.#large ? bytes : bytes.subarray(0, count), lasts);
    return true;
  };
  readonly #take: TakeBytes;
  #large = false;

  constructor(take: TakeBytes) {
    this.#take = take;
  }
}
