import { LRUCache } from "lru-cache";

/** What is kept of one body: its encoded forms by coding, and how many bytes they are together. */
interface Encodings {
  readonly byCoding: ReadonlyMap<string, Buffer>;
  readonly bytes: number;
}

/** The places in the list and the maps, bytes. */
const OVERHEAD = 320;

/**
 * Encoded forms of stored bodies, so that a body is compressed once and not at every hit. A body is known by being the very
 * same buffer: a changed entry has another, and what is kept of the former goes as the least recently used. Bodies and
 * encoded forms both count, since what is kept here keeps the body alive.
 */
export class EncodedBodies {
  readonly #kept: LRUCache<Buffer, Encodings> | null;

  /** @param bytes for bodies and their encoded forms together; 0 keeps none */
  constructor(bytes: number) {
    this.#kept =
      bytes === 0
        ? null
        : new LRUCache({ maxSize: bytes, sizeCalculation: (kept, body) => body.length + kept.bytes + OVERHEAD });
  }

  /** Bytes held. */
  get bytes(): number {
    return this.#kept?.calculatedSize ?? 0;
  }

  get(body: Buffer, coding: string): Buffer | undefined {
    return this.#kept?.get(body)?.byCoding.get(coding);
  }

  /** Keeps an encoded form; one that is larger than all there is room for is let go. */
  put(body: Buffer, coding: string, encoded: Buffer): void {
    if (this.#kept === null) return;
    const known = this.#kept.peek(body)?.byCoding ?? [];
    const byCoding = new Map(known).set(coding, encoded);
    const bytes = [...byCoding.values()].reduce((sum, { length }) => sum + length, 0);
    this.#kept.set(body, { byCoding, bytes });
  }
}
