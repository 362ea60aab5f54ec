import { promisify } from "node:util";
import {
  type BrotliCompress,
  type BrotliOptions,
  brotliCompress,
  brotliCompressSync,
  constants,
  createBrotliCompress,
  createDeflate,
  createGzip,
  createZstdCompress,
  type Deflate,
  deflate,
  deflateSync,
  type Gzip,
  gzip,
  gzipSync,
  type ZlibOptions,
  type ZstdCompress,
  type ZstdOptions,
  zstdCompress,
  zstdCompressSync,
} from "node:zlib";

// How each coding is told to zlib. `pnpm bench:compression` measures these very functions.

export type Coding = "br" | "gzip" | "deflate" | "zstd";

/** Effort of each coding; gzip's is deflate's too. */
export interface CompressionLevels {
  readonly br: number;
  readonly zstd: number;
  readonly gzip: number;
}

export type Encoder = BrotliCompress | Gzip | Deflate | ZstdCompress;

/**
 * Up to here a body is encoded at once, which takes some 100 µs and half or a third of what it costs on a thread.
 * Bytes before encoding; docs/performance.md has the figures.
 */
const AT_ONCE = 8192;

/** Above these levels even a small body takes long. */
const QUICK: CompressionLevels = { br: 6, zstd: 9, gzip: 9 };

/** How many bytes of a body may be encoded on the event loop with these levels. */
export function atOnceUpTo(coding: Coding, levels: CompressionLevels): number {
  return levels[levelName(coding)] <= QUICK[levelName(coding)] ? AT_ONCE : 0;
}

/** Encodes a whole body, now. */
export function encodeAtOnce(body: Buffer, coding: Coding, levels: CompressionLevels): Buffer {
  switch (coding) {
    case "br":
      return brotliCompressSync(body, brotliOptions(levels, body.length));
    case "zstd":
      return zstdCompressSync(body, zstdOptions(levels, body.length));
    case "gzip":
      return gzipSync(body, zlibOptions(levels));
    case "deflate":
      return deflateSync(body, zlibOptions(levels));
  }
}

const brotliAsync = promisify(brotliCompress);
const zstdAsync = promisify(zstdCompress);
const gzipAsync = promisify(gzip);
const deflateAsync = promisify(deflate);

/** Encodes a whole body on zlib's threads. */
export function encodeOnThreads(body: Buffer, coding: Coding, levels: CompressionLevels): Promise<Buffer> {
  switch (coding) {
    case "br":
      return brotliAsync(body, brotliOptions(levels, body.length));
    case "zstd":
      return zstdAsync(body, zstdOptions(levels, body.length));
    case "gzip":
      return gzipAsync(body, zlibOptions(levels));
    case "deflate":
      return deflateAsync(body, zlibOptions(levels));
  }
}

/** Encodes a body as it comes, on zlib's threads. `size`: its bytes; null if unknown. */
export function createEncoder(coding: Coding, levels: CompressionLevels, size: number | null): Encoder {
  switch (coding) {
    case "br":
      return createBrotliCompress(brotliOptions(levels, size));
    case "zstd":
      return createZstdCompress(zstdOptions(levels, size));
    case "gzip":
      return createGzip(zlibOptions(levels));
    case "deflate":
      return createDeflate(zlibOptions(levels));
  }
}

function levelName(coding: Coding): keyof CompressionLevels {
  return coding === "deflate" ? "gzip" : coding;
}

function brotliOptions({ br }: CompressionLevels, size: number | null): BrotliOptions {
  const params = { [constants.BROTLI_PARAM_QUALITY]: br };
  return { params: size === null ? params : { ...params, [constants.BROTLI_PARAM_SIZE_HINT]: size } };
}

/** A size that is known spares most of the memory that zstd would set aside, and the time to clear it. */
function zstdOptions({ zstd }: CompressionLevels, size: number | null): ZstdOptions {
  const params = { [constants.ZSTD_c_compressionLevel]: zstd };
  return size === null ? { params } : { params, pledgedSrcSize: size };
}

function zlibOptions(levels: CompressionLevels): ZlibOptions {
  return { level: levels.gzip };
}
