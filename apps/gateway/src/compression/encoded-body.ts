import {
  type BrotliCompress,
  constants,
  createBrotliCompress,
  createDeflate,
  createGzip,
  createZstdCompress,
  type Deflate,
  type Gzip,
  type ZstdCompress,
} from "node:zlib";
import type { FieldList } from "@headgate/http";
import type { BodySink, BodySource } from "../body.ts";
import type { Coding } from "./plan-compression.ts";

type Encoder = BrotliCompress | Gzip | Deflate | ZstdCompress;

/** Effort of each coding. */
export interface CompressionLevels {
  readonly br: number;
  readonly zstd: number;
  readonly gzip: number;
}

/** Silence after which what the encoder holds is sent, so that a slow body is not held back, ms. */
const FLUSH_AFTER = 5;

function createEncoder(coding: Coding, levels: CompressionLevels, size: number | null): Encoder {
  switch (coding) {
    case "br":
      return createBrotliCompress({
        params: {
          [constants.BROTLI_PARAM_QUALITY]: levels.br,
          ...(size === null ? {} : { [constants.BROTLI_PARAM_SIZE_HINT]: size }),
        },
      });
    case "zstd":
      return createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: levels.zstd } });
    case "gzip":
      return createGzip({ level: levels.gzip });
    case "deflate":
      return createDeflate({ level: levels.gzip });
  }
}

/** A body encoded on its way: the work is done on zlib's threads, back-pressure goes through to the source. */
export class EncodedBody implements BodySource, BodySink {
  readonly #source: BodySource;
  readonly #encoder: Encoder;
  readonly #onBytes: (before: number) => void;
  #sink: BodySink | null = null;
  #timer: NodeJS.Timeout | null = null;
  #trailers: FieldList | null = null;
  #over = false;

  /** @param onBytes is told the size of each chunk before encoding */
  constructor(
    source: BodySource,
    coding: Coding,
    levels: CompressionLevels,
    size: number | null,
    onBytes: (before: number) => void,
  ) {
    this.#source = source;
    this.#encoder = createEncoder(coding, levels, size);
    this.#onBytes = onBytes;
  }

  pipe(sink: BodySink): void {
    this.#sink = sink;
    this.#encoder.on("data", (chunk: Buffer) => {
      if (this.#sink?.data(chunk) === false) this.#encoder.pause();
    });
    this.#encoder.on("drain", () => this.#source.resume());
    this.#encoder.on("end", () => this.#finish(null));
    this.#encoder.on("error", (error) => this.#finish(error));
    this.#source.pipe(this);
  }

  resume(): void {
    this.#encoder.resume();
  }

  cancel(reason: Error): void {
    if (this.#over) return;
    this.#stop();
    this.#source.cancel(reason);
  }

  data(chunk: Buffer): boolean {
    this.#onBytes(chunk.length);
    const room = this.#encoder.write(chunk);
    if (this.#timer === null) this.#timer = setTimeout(() => this.#flush(), FLUSH_AFTER);
    else this.#timer.refresh();
    return room;
  }

  end(trailers: FieldList | null): void {
    this.#trailers = trailers;
    this.#stopTimer();
    this.#encoder.end();
  }

  fail(error: Error): void {
    this.#finish(error);
  }

  #flush(): void {
    this.#timer = null;
    if (!this.#over) this.#encoder.flush();
  }

  #finish(error: Error | null): void {
    if (this.#over) return;
    const sink = this.#sink;
    this.#stop();
    if (error === null) sink?.end(this.#trailers);
    else {
      this.#source.cancel(error);
      sink?.fail(error);
    }
  }

  #stop(): void {
    this.#over = true;
    this.#sink = null;
    this.#stopTimer();
    this.#encoder.destroy();
  }

  #stopTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
