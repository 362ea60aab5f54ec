import type { FieldList } from "@headgate/http";
import type { BodySink, BodySource } from "./body.ts";

/** What the owner of a shared body is told. */
export interface SharedBodyEvents {
  /** Asked for each chunk while all are kept: whether this one may be too. */
  keeps?(bytes: number): boolean;
  /** The last reader has gone before the end: the place to cancel. */
  unread?(): void;
  /** It ended (`complete`) or broke off; before the readers hear of it. */
  over?(complete: boolean): void;
}

/**
 * One body for several readers, or for one reader several times. All chunks are kept, and every reader starts at the
 * first, until `keep` bytes have come or `keeps` says no; from then on only what the slowest reader has not had is held, up
 * to `window` bytes, and then the source waits.
 */
export class SharedBody implements BodySink {
  readonly #source: BodySource;
  readonly #keep: number;
  readonly #window: number;
  readonly #readers: Set<Reader> = new Set();
  readonly #events: SharedBodyEvents;
  #chunks: Buffer[] = [];
  /** Index of `#chunks[0]` within the whole body. */
  #first = 0;
  #total = 0;
  /** Whether every chunk is still held. */
  #keeping = true;
  #piped = false;
  #paused = false;
  #state: "open" | "ended" | "failed" = "open";
  #trailers: FieldList | null = null;
  #error: Error | null = null;

  constructor(source: BodySource, keep: number, window: number, events: SharedBodyEvents = {}) {
    this.#source = source;
    this.#keep = keep;
    this.#window = window;
    this.#events = events;
  }

  /** Whether a new reader would still get the body from its first byte. */
  get whole(): boolean {
    return this.#keeping && this.#state !== "failed";
  }

  get ended(): boolean {
    return this.#state === "ended";
  }

  /** Whether anybody reads it. */
  get read(): boolean {
    return this.#readers.size > 0;
  }

  /** All chunks that have come; only while `whole`. */
  get chunks(): readonly Buffer[] {
    return this.#chunks;
  }

  /** A source that delivers the body from its start; only while `whole`. */
  reader(): BodySource {
    const reader = new Reader(this);
    this.#readers.add(reader);
    return reader;
  }

  /** Goes on with `body`, which holds the very same bytes, so that they are held once; only while `whole`. */
  moveTo(body: Buffer): void {
    let start = 0;
    this.#chunks = this.#chunks.map(({ length }) => {
      const chunk = body.subarray(start, start + length);
      start += length;
      return chunk;
    });
  }

  /** Breaks the source off; every reader fails with `reason`. */
  cancel(reason: Error): void {
    if (this.#state !== "open") return;
    this.#source.cancel(reason);
    this.fail(reason);
  }

  data(chunk: Buffer): boolean {
    this.#chunks.push(chunk);
    this.#total += chunk.length;
    if (this.#keeping) this.#keeping = this.#total <= this.#keep && this.#events.keeps?.(chunk.length) !== false;
    for (const reader of this.#readers) reader.flow();
    this.#trim();
    this.#paused = this.#isFull();
    return !this.#paused;
  }

  end(trailers: FieldList | null): void {
    this.#state = "ended";
    this.#trailers = trailers;
    this.#events.over?.(true);
    for (const reader of this.#readers) reader.flow();
  }

  fail(error: Error): void {
    if (this.#state !== "open") return;
    this.#state = "failed";
    this.#error = error;
    this.#events.over?.(false);
    for (const reader of this.#readers) reader.flow();
  }

  /** Sets the source going, as the first reader does. */
  start(): void {
    if (this.#piped || this.#state !== "open") return;
    this.#piped = true;
    this.#source.pipe(this);
  }

  /** @internal Hands `reader` all it has room for. */
  deliver(reader: Reader, sink: BodySink): void {
    while (!reader.paused && !reader.gone) {
      const chunk = this.#chunks[reader.next - this.#first];
      if (chunk === undefined) break;
      reader.next++;
      // Paused before the call: a sink may resume from within it, and that must not be lost.
      reader.paused = true;
      if (sink.data(chunk)) reader.paused = false;
    }
    if (reader.gone || reader.next < this.#first + this.#chunks.length || this.#state === "open") return;
    this.#readers.delete(reader);
    reader.gone = true;
    if (this.#state === "ended") sink.end(this.#trailers);
    else sink.fail(this.#error ?? new Error("the body broke off"));
  }

  /** @internal A reader has moved on or gone. */
  moved(reader: Reader): void {
    if (reader.gone) {
      if (!this.#readers.delete(reader)) return;
      if (this.#readers.size === 0 && this.#state === "open") {
        this.#events.unread?.();
        return;
      }
    }
    this.#trim();
    if (this.#paused && !this.#isFull()) {
      this.#paused = false;
      this.#source.resume();
    }
  }

  #trim(): void {
    if (this.#keeping) return;
    const needed = this.#slowest() - this.#first;
    if (needed > 0) {
      this.#chunks.splice(0, needed);
      this.#first += needed;
    }
  }

  #slowest(): number {
    let slowest = this.#first + this.#chunks.length;
    for (const reader of this.#readers) if (reader.next < slowest) slowest = reader.next;
    return slowest;
  }

  #isFull(): boolean {
    if (this.#keeping) return false;
    let bytes = 0;
    for (let i = this.#slowest() - this.#first; i < this.#chunks.length; i++)
      bytes += (this.#chunks[i] as Buffer).length;
    return bytes > this.#window;
  }
}

class Reader implements BodySource {
  readonly #body: SharedBody;
  #sink: BodySink | null = null;
  #flowing = false;
  /** Index of the chunk it gets next. */
  next = 0;
  paused = false;
  gone = false;

  constructor(body: SharedBody) {
    this.#body = body;
  }

  pipe(sink: BodySink): void {
    this.#sink = sink;
    this.flow();
    this.#body.start();
    this.#body.moved(this);
  }

  flow(): void {
    // A sink may resume from within `data`: the outer round goes on, an inner one would reorder chunks.
    if (this.#sink === null || this.#flowing || this.gone) return;
    this.#flowing = true;
    this.#body.deliver(this, this.#sink);
    this.#flowing = false;
  }

  resume(): void {
    this.paused = false;
    this.flow();
    this.#body.moved(this);
  }

  cancel(): void {
    if (this.gone) return;
    this.gone = true;
    this.#sink = null;
    this.#body.moved(this);
  }
}
