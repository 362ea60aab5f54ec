/** What stands at a place of a body: each word of four octets tells whose it is, and where. */
export function octetAt(id: number, place: number): number {
  return ((id * 0x1_00_00_00 + (place >> 2)) >>> (8 * (place & 3))) & 0xff;
}

/** Part of a body. */
export function markedBytes(id: number, from: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  for (let i = 0; i < length; i += 1) bytes[i] = octetAt(id, from + i);
  return bytes;
}

/** Looks at a body piece by piece, whether it is what was sent. */
export class MarkedReader {
  readonly #id: number;
  #place = 0;
  #wrong: number | null = null;

  constructor(id: number) {
    this.#id = id;
  }

  take(chunk: Buffer): void {
    for (let i = 0; i < chunk.length; i += 1, this.#place += 1)
      if (chunk[i] !== octetAt(this.#id, this.#place)) this.#wrong ??= this.#place;
  }

  /** Where it first differs from what was sent; null where it does not. */
  difference(size: number): string | null {
    if (this.#wrong === null && this.#place === size) return null;
    return `${this.#place} bytes of ${size}, wrong at ${this.#wrong}`;
  }
}
