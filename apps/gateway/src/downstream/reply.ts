import type { Duplex } from "node:stream";
import type { FieldList, RepeatedFields } from "@headgate/http";

/** What a reply tells the writer. */
export interface ReplyEvents {
  /** Nothing more goes out: all of it is taken, or the connection or stream is gone. Told once. */
  closed(): void;
  /** The client has taken what waited. */
  drained(): void;
  /** The client has taken nothing for the time given to `watch`. */
  stalled(): void;
}

/** A connection that is no longer HTTP, with bytes that came behind the request. */
export interface TakenOver {
  readonly socket: Duplex;
  readonly head: Buffer;
}

/** The head of a response. */
export interface ReplyHead {
  readonly status: number;
  /** May be changed by who sends them. */
  readonly fields: FieldList;
  /** Those with which they began, whose lines need not be written anew. */
  readonly repeated?: RepeatedFields | undefined;
}

/** One response's way to its client, of either protocol. */
export interface Reply {
  /** The final response has begun. */
  readonly headSent: boolean;
  /** Bytes that wait for the client to take them. */
  readonly waiting: number;
  listen(events: ReplyEvents): void;
  /** `100 Continue`: the client may send its content. */
  invite(): void;
  /** Sends an interim response (102, 103); nothing to clients that cannot take one. */
  informational(status: number, fields: FieldList): void;
  /**
   * Sends a response that is here as a whole.
   * @param bodiless the response has no content, whatever its fields say of it: to HEAD, 204, 304
   * @param close the connection ends after it
   */
  whole(head: ReplyHead, body: Buffer | null, bodiless: boolean, close: boolean): void;
  /** Begins a response whose body follows by `write` and `end`. It may wait for the first byte: see `flush`. */
  begin(head: ReplyHead, close: boolean): void;
  /** The head goes out now, where it still waits. */
  flush(): void;
  /** False asks to wait for `drained`. */
  write(chunk: Buffer): boolean;
  /** Whether nothing holds the last chunk that was written any more. */
  spent(): boolean;
  end(trailers: FieldList | null): void;
  /** Watches for a client that takes nothing, ms; 0 watches no more. */
  watch(ms: number): void;
  /** What is out must not pass for the whole: the connection or stream is broken off. */
  breakOff(): void;
  /** The connection as it is, for another protocol; null where it is gone, or cannot be had. */
  takeOver(): TakenOver | null;
}

/** Fields that must not come in trailers (RFC 9110 §6.5.1). */
const NEVER_TRAILERS = new Set([
  "content-length",
  "transfer-encoding",
  "host",
  "content-encoding",
  "content-type",
  "content-range",
  "trailer",
  "set-cookie",
  "cache-control",
  "authorization",
]);

/** Whether a field may come behind the content. */
export function isTrailer(lowerName: string): boolean {
  return !NEVER_TRAILERS.has(lowerName);
}
