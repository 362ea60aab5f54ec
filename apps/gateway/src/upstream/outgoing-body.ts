import type { BodySource } from "../body.ts";
import { SharedBody } from "../shared-body.ts";
import type { OutgoingBody } from "./upstream-request.ts";

/** A request body before it is known how it will be sent. */
export interface IncomingBody extends BodySource {
  /** Bytes announced; null if unknown. */
  readonly length: number | null;
}

/** Held in memory; any number of attempts may send it. */
export class WholeBody implements OutgoingBody {
  readonly bytes: Buffer;
  readonly replayable = true;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  get length(): number {
    return this.bytes.length;
  }

  open(): Buffer {
    return this.bytes;
  }
}

/** Sent as it comes; while all that came is still held, an attempt may start over. */
class StreamedBody implements OutgoingBody {
  readonly length: number | null;
  readonly bytes = null;
  readonly #shared: SharedBody;
  #opened = false;

  constructor(source: IncomingBody, keep: number, window: number) {
    this.length = source.length;
    this.#shared = new SharedBody(source, keep, window);
  }

  get replayable(): boolean {
    return !this.#opened || this.#shared.whole;
  }

  open(): BodySource {
    this.#opened = true;
    return this.#shared.reader();
  }
}

function collect(source: IncomingBody): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    source.pipe({
      data: (chunk) => {
        chunks.push(chunk);
        return true;
      },
      end: () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)),
      fail: reject,
    });
  });
}

/**
 * Makes a client's body ready for attempts. One whose length is known and within `replay` bytes is read whole first: that
 * is cheapest, keeps a slow client off the backend, and can go out again. Any other is streamed; of one without a length
 * the first `replay` bytes are held for another attempt.
 */
export async function prepareBody(source: IncomingBody, replay: number, window: number): Promise<OutgoingBody> {
  if (source.length === null) return new StreamedBody(source, replay, window);
  if (source.length > replay) return new StreamedBody(source, 0, window);
  return new WholeBody(await collect(source));
}
