import type { FieldList } from "@headgate/http";
import type { BodySink, BodySource } from "../../../src/body.ts";

/** A body source that a test drives by hand, and that remembers what was asked of it. */
export class ScriptedSource implements BodySource {
  sink: BodySink | null = null;
  /** Whether the sink has answered false since it last resumed. */
  paused = false;
  resumed = 0;
  cancelled: Error | null = null;
  /** Called when the sink resumes. */
  onResume: (() => void) | null = null;

  pipe(sink: BodySink): void {
    if (this.sink !== null) throw new Error("piped twice");
    this.sink = sink;
  }

  resume(): void {
    this.paused = false;
    this.resumed++;
    this.onResume?.();
  }

  cancel(reason: Error): void {
    this.cancelled ??= reason;
  }

  /** Delivers a chunk; false if the sink asks for a pause. */
  push(chunk: string | Buffer): boolean {
    const flowing = this.#attached().data(Buffer.from(chunk));
    this.paused = !flowing;
    return flowing;
  }

  end(trailers: FieldList | null = null): void {
    this.#attached().end(trailers);
  }

  fail(error: Error): void {
    this.#attached().fail(error);
  }

  #attached(): BodySink {
    if (this.sink === null) throw new Error("nothing has piped this source");
    return this.sink;
  }
}

/** A source that delivers `chunks` at once and ends, whatever the sink answers. */
export class EagerSource implements BodySource {
  readonly #chunks: readonly (string | Buffer)[];
  cancelled: Error | null = null;

  constructor(...chunks: (string | Buffer)[]) {
    this.#chunks = chunks;
  }

  pipe(sink: BodySink): void {
    for (const chunk of this.#chunks) sink.data(Buffer.from(chunk));
    sink.end(null);
  }

  resume(): void {
    this.cancelled = null;
  }

  cancel(reason: Error): void {
    this.cancelled = reason;
  }
}

/** A sink that keeps what it gets, and fails the test where a source breaks the contract of BodySink. */
export class RecordingSink implements BodySink {
  readonly chunks: Buffer[] = [];
  trailers: FieldList | null = null;
  ended = false;
  failed: Error | null = null;
  /** Whether `data` takes more; answers false for as long as it is set to false. */
  open = true;
  /** Called with each chunk before the answer. */
  onData: ((chunk: Buffer) => void) | null = null;
  /** Called at the end, good or bad. */
  onOver: (() => void) | null = null;

  data(chunk: Buffer): boolean {
    this.#mustBeOpen("data");
    this.chunks.push(chunk);
    this.onData?.(chunk);
    return this.open;
  }

  end(trailers: FieldList | null): void {
    this.#mustBeOpen("end");
    this.ended = true;
    this.trailers = trailers;
    this.onOver?.();
  }

  fail(error: Error): void {
    this.#mustBeOpen("fail");
    this.failed = error;
    this.onOver?.();
  }

  get bytes(): Buffer {
    return Buffer.concat(this.chunks);
  }

  get text(): string {
    return this.bytes.toString();
  }

  /** Whether neither end nor failure has been told. */
  get waiting(): boolean {
    return !this.ended && this.failed === null;
  }

  /** Resolves at the end, good or bad. */
  whenOver(): Promise<void> {
    return new Promise((resolve) => {
      if (this.waiting) this.onOver = resolve;
      else resolve();
    });
  }

  #mustBeOpen(call: string): void {
    if (!this.waiting) throw new Error(`${call} after the end of the body`);
  }
}

/** Pipes `source` into a new sink. */
export function recordingOf(source: BodySource): RecordingSink {
  const sink = new RecordingSink();
  source.pipe(sink);
  return sink;
}
