import type { FieldList } from "@headgate/http";
import type { BodySink, BodySource } from "../body.ts";
import { atOnceUpTo, type Coding, type CompressionLevels, createEncoder, type Encoder, encodeAtOnce } from "./codec.ts";

/** Silence after which what the encoder holds is sent, so that a slow body is not held back, ms. */
const FLUSH_AFTER = 5;

/** How a body is to be encoded. */
export interface Encoding {
  readonly coding: Coding;
  readonly levels: CompressionLevels;
  /** Bytes before; null if unknown. */
  readonly length: number | null;
}

/**
 * A body encoded on its way: the work is done on zlib's threads, back-pressure goes through to the source. One that turns
 * out to be small, and comes without a pause, is encoded at once instead, which costs less than half.
 */
export class EncodedBody implements BodySource, BodySink {
  readonly #source: BodySource;
  readonly #encoding: Encoding;
  readonly #onBytes: (before: number) => void;
  /** Bytes that may be held to be encoded at once. */
  readonly #atOnce: number;
  #held: Buffer[] = [];
  #heldBytes = 0;
  #encoder: Encoder | null = null;
  #sink: BodySink | null = null;
  #timer: NodeJS.Timeout | null = null;
  #trailers: FieldList | null = null;
  #over = false;

  /** @param onBytes is told the size of each chunk before encoding */
  constructor(source: BodySource, encoding: Encoding, onBytes: (before: number) => void) {
    this.#source = source;
    this.#encoding = encoding;
    this.#onBytes = onBytes;
    const atOnce = atOnceUpTo(encoding.coding, encoding.levels);
    this.#atOnce = encoding.length === null || encoding.length <= atOnce ? atOnce : 0;
  }

  pipe(sink: BodySink): void {
    this.#sink = sink;
    this.#source.pipe(this);
  }

  resume(): void {
    this.#encoder?.resume();
  }

  cancel(reason: Error): void {
    if (this.#over) return;
    this.#stop();
    this.#source.cancel(reason);
  }

  data(chunk: Buffer): boolean {
    if (this.#over) return true;
    this.#onBytes(chunk.length);
    const room = this.#encoder === null ? this.#hold(chunk) : this.#encoder.write(chunk);
    if (this.#timer === null) this.#timer = setTimeout(() => this.#flush(), FLUSH_AFTER);
    else this.#timer.refresh();
    return room;
  }

  end(trailers: FieldList | null): void {
    if (this.#over) return;
    this.#trailers = trailers;
    this.#stopTimer();
    if (this.#encoder !== null) this.#encoder.end();
    else if (this.#atOnce > 0) this.#finishAtOnce();
    else this.#begin().end();
  }

  fail(error: Error): void {
    this.#finish(error);
  }

  #hold(chunk: Buffer): boolean {
    this.#held.push(chunk);
    this.#heldBytes += chunk.length;
    return this.#heldBytes <= this.#atOnce || !this.#begin().writableNeedDrain;
  }

  /** Goes on with an encoder, which is given what is held. */
  #begin(): Encoder {
    const { coding, levels, length } = this.#encoding;
    const encoder = createEncoder(coding, levels, length);
    encoder.on("data", (chunk: Buffer) => {
      if (this.#sink?.data(chunk) === false) encoder.pause();
    });
    encoder.on("drain", () => this.#source.resume());
    encoder.on("end", () => this.#finish(null));
    encoder.on("error", (error) => this.#finish(error));
    for (const chunk of this.#held) encoder.write(chunk);
    this.#held = [];
    this.#encoder = encoder;
    return encoder;
  }

  #finishAtOnce(): void {
    const { coding, levels } = this.#encoding;
    const [first = Buffer.alloc(0), ...more] = this.#held;
    const body = more.length === 0 ? first : Buffer.concat(this.#held);
    this.#sink?.data(encodeAtOnce(body, coding, levels));
    this.#finish(null);
  }

  #flush(): void {
    this.#timer = null;
    if (!this.#over) (this.#encoder ?? this.#begin()).flush();
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
    this.#held = [];
    this.#stopTimer();
    this.#encoder?.destroy();
  }

  #stopTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
