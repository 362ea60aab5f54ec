import type { BodySink, BodySource } from "../body.ts";

/** A body that begins with bytes at hand and goes on with what comes. */
export class PrefixedBody implements BodySource {
  readonly #prefix: Buffer;
  readonly #rest: BodySource;
  #sink: BodySink | null = null;
  #cancelled = false;

  constructor(prefix: Buffer, rest: BodySource) {
    this.#prefix = prefix;
    this.#rest = rest;
  }

  pipe(sink: BodySink): void {
    const flowing = sink.data(this.#prefix);
    if (this.#cancelled) return;
    if (flowing) this.#rest.pipe(sink);
    else this.#sink = sink;
  }

  resume(): void {
    const sink = this.#sink;
    this.#sink = null;
    if (sink === null) this.#rest.resume();
    else this.#rest.pipe(sink);
  }

  cancel(reason: Error): void {
    this.#cancelled = true;
    this.#sink = null;
    this.#rest.cancel(reason);
  }
}
