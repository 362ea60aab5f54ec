import type { GatewayError } from "../gateway-error.ts";

/** What a request's content tells its reader. Exactly one of `end`, `fail` and `gone` comes last. */
export interface ContentEvents {
  data(chunk: Buffer): void;
  end(): void;
  /** What comes is no content: malformed, or cut short by a client that still reads. */
  fail(error: GatewayError): void;
  /** The connection or stream is gone. */
  gone(): void;
}

/** A request's content as its connection or stream delivers it, of either protocol. */
export interface ContentStream {
  /** Whether all of it has come, read or not. */
  readonly complete: boolean;
  readonly paused: boolean;
  /** Starts delivery, once; the reader may be told before this returns. */
  start(events: ContentEvents): void;
  pause(): void;
  resume(): void;
  /** The rest is read and dropped, so that the connection can serve the next request; its reader hears nothing more. */
  drop(): void;
}
