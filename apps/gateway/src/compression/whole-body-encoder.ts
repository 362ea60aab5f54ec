import { promisify } from "node:util";
import { brotliCompress, constants, deflate, gzip, zstdCompress } from "node:zlib";
import { EncodedBodies } from "@headgate/cache";
import type { CompressionLevels } from "./encoded-body.ts";
import type { Coding } from "./plan-compression.ts";

const brotliAsync = promisify(brotliCompress);
const zstdAsync = promisify(zstdCompress);
const gzipAsync = promisify(gzip);
const deflateAsync = promisify(deflate);

/** Encodes bodies that are whole on zlib's threads; a stored one once for all hits, as long as there is room to keep it. */
export class WholeBodyEncoder {
  readonly #kept: EncodedBodies;
  /** Stored bodies that are being encoded, by coding. */
  readonly #underWay = new WeakMap<Buffer, Map<Coding, Promise<Buffer>>>();

  /** @param memory bytes for stored bodies and their encoded forms; 0 keeps none */
  constructor(memory: number) {
    this.#kept = new EncodedBodies(memory);
  }

  /** Encodes a body that comes once. */
  encode(body: Buffer, coding: Coding, levels: CompressionLevels): Promise<Buffer> {
    switch (coding) {
      case "br":
        return brotliAsync(body, {
          params: { [constants.BROTLI_PARAM_QUALITY]: levels.br, [constants.BROTLI_PARAM_SIZE_HINT]: body.length },
        });
      case "zstd":
        return zstdAsync(body, { params: { [constants.ZSTD_c_compressionLevel]: levels.zstd } });
      case "gzip":
        return gzipAsync(body, { level: levels.gzip });
      case "deflate":
        return deflateAsync(body, { level: levels.gzip });
    }
  }

  /** Encodes the body of a stored response; at once where that was done before. */
  encodeStored(body: Buffer, coding: Coding, levels: CompressionLevels): Buffer | Promise<Buffer> {
    return this.#kept.get(body, coding) ?? this.#join(body, coding, levels);
  }

  /** Hits that come while it is done wait for the same. */
  #join(body: Buffer, coding: Coding, levels: CompressionLevels): Promise<Buffer> {
    const codings = this.#underWay.get(body) ?? new Map<Coding, Promise<Buffer>>();
    const other = codings.get(coding);
    if (other !== undefined) return other;
    const encoding = this.encode(body, coding, levels)
      .then((encoded) => {
        this.#kept.put(body, coding, encoded);
        return encoded;
      })
      .finally(() => codings.delete(coding));
    this.#underWay.set(body, codings.set(coding, encoding));
    return encoding;
  }
}
