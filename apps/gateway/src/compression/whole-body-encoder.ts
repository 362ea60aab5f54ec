import { EncodedBodies } from "@headgate/cache";
import { atOnceUpTo, type Coding, type CompressionLevels, encodeAtOnce, encodeOnThreads } from "./codec.ts";

/** Encodes bodies that are whole, large ones on zlib's threads; a stored one once for all hits, as long as there is room to keep it. */
export class WholeBodyEncoder {
  readonly #kept: EncodedBodies;
  /** Stored bodies that are being encoded, by coding. */
  readonly #underWay = new WeakMap<Buffer, Map<Coding, Promise<Buffer>>>();

  /** @param memory bytes for stored bodies and their encoded forms; 0 keeps none */
  constructor(memory: number) {
    this.#kept = new EncodedBodies(memory);
  }

  /** Encodes a body that comes once. */
  encode(body: Buffer, coding: Coding, levels: CompressionLevels): Buffer | Promise<Buffer> {
    return body.length <= atOnceUpTo(coding, levels)
      ? encodeAtOnce(body, coding, levels)
      : encodeOnThreads(body, coding, levels);
  }

  /** Encodes the body of a stored response; at once where that was done before. */
  encodeStored(body: Buffer, coding: Coding, levels: CompressionLevels): Buffer | Promise<Buffer> {
    return this.#kept.get(body, coding) ?? this.#join(body, coding, levels);
  }

  /** Hits that come while it is done wait for the same. */
  #join(body: Buffer, coding: Coding, levels: CompressionLevels): Buffer | Promise<Buffer> {
    const codings = this.#underWay.get(body) ?? new Map<Coding, Promise<Buffer>>();
    const other = codings.get(coding);
    if (other !== undefined) return other;
    const encoded = this.encode(body, coding, levels);
    if (Buffer.isBuffer(encoded)) return this.#keep(body, coding, encoded);
    const encoding = encoded.then((bytes) => this.#keep(body, coding, bytes)).finally(() => codings.delete(coding));
    this.#underWay.set(body, codings.set(coding, encoding));
    return encoding;
  }

  #keep(body: Buffer, coding: Coding, encoded: Buffer): Buffer {
    this.#kept.put(body, coding, encoded);
    return encoded;
  }
}
