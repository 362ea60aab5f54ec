import type { CacheKey } from "@headgate/cache";

export interface WriteQueueOptions {
  /** Writes that wait or are under way at most; 1000. */
  readonly maxWrites?: number | undefined;
  /** Bytes of these; 16 MiB. */
  readonly maxBytes?: number | undefined;
}

/** Writes in the background: one after the other under each key, bound in number and bytes; what is over is left out. */
export class WriteQueue {
  readonly #maxWrites: number;
  readonly #maxBytes: number;
  /** The last write under each key. */
  readonly #tails = new Map<CacheKey, Promise<void>>();
  #writes = 0;
  #bytes = 0;
  #dropped = 0;

  constructor({ maxWrites = 1000, maxBytes = 16 * 1024 * 1024 }: WriteQueueOptions = {}) {
    this.#maxWrites = maxWrites;
    this.#maxBytes = maxBytes;
  }

  /** Writes that wait or are under way. */
  get writes(): number {
    return this.#writes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Writes that were left out because too much was waiting. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Whether what is kept under a key will not stay as it is. */
  isWriting(key: CacheKey): boolean {
    return this.#tails.has(key);
  }

  /**
   * Has `write` run after those before it under the key; it must not reject.
   * @returns its result on its way; undefined where it was left out
   */
  add<T>(key: CacheKey, bytes: number, write: () => Promise<T>): Promise<T> | undefined {
    if (this.#writes >= this.#maxWrites || this.#bytes + bytes > this.#maxBytes) {
      this.#dropped++;
      return undefined;
    }
    this.#writes++;
    this.#bytes += bytes;
    const before = this.#tails.get(key);
    const result = before === undefined ? write() : before.then(write);
    const tail: Promise<void> = result.then(() => {
      this.#writes--;
      this.#bytes -= bytes;
      if (this.#tails.get(key) === tail) this.#tails.delete(key);
    });
    this.#tails.set(key, tail);
    return result;
  }

  /** Resolves when the writes that wait now are over, as far as their keys are meant. */
  async settled(isMeant: (key: CacheKey) => boolean): Promise<void> {
    const meant = [...this.#tails].filter(([key]) => isMeant(key));
    await Promise.all(meant.map(([, tail]) => tail));
  }
}
