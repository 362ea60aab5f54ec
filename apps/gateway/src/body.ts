import type { FieldList } from "@headgate/http";

/** Where a body goes. Exactly one of `end` and `fail` is called, once, and nothing after it. */
export interface BodySink {
  /** Takes a chunk; false asks the source to pause until its `resume` is called. */
  data(chunk: Buffer): boolean;
  /** Whether it holds nothing of the last chunk any more, whose memory may be used again; a sink without it may hold all of it. */
  spent?(): boolean;
  end(trailers: FieldList | null): void;
  /** The body broke off: what was delivered must not pass for the whole. */
  fail(error: Error): void;
}

/** Where a body comes from: a push stream with back-pressure, cheaper than node:stream and with one clear end. */
export interface BodySource {
  /** Starts delivery, once; the sink may be called before this returns. */
  pipe(sink: BodySink): void;
  /** Delivery goes on after `data` returned false. */
  resume(): void;
  /** Nobody wants the rest: frees whatever stands behind. Safe to call at any time; the sink hears nothing more. */
  cancel(reason: Error): void;
}

/** Whether a body still has to be delivered by a source. */
export function isSource(body: Buffer | BodySource | null): body is BodySource {
  return body !== null && !Buffer.isBuffer(body);
}

/** Lets go of a body that nobody will read. */
export function discard(body: Buffer | BodySource | null, reason: Error): void {
  if (isSource(body)) body.cancel(reason);
}
