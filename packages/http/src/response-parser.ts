import { ChunkedDecoder } from "./chunked-decoder.ts";
import type { FieldList } from "./fields.ts";
import { hasBareLf } from "./octets.ts";
import { ResponseFault, type ResponseFaultCode } from "./response-fault.ts";
import { endOfStatusLine, maybeStatusLine, ResponseHead } from "./response-head.ts";

const LF = 0x0a;
const END_OF_HEAD: Buffer = Buffer.from("\r\n\r\n");
/** Bytes of a head, and of a trailer section. */
const MAX_HEAD: number = 16 * 1024;

/** What a parser tells, in this order: interim heads, one head, data, and last one of `end`, `upgrade` and `malformed`. */
export interface ResponseEvents {
  /** A head with a status below 200, other than 100, which is malformed as no expectation is sent, and 101. */
  informational(status: number, fields: FieldList): void;
  /** @param section the fields' lines as they came, one character per octet, each with its CRLF */
  head(status: number, fields: FieldList, section: string): void;
  /** A part of the body: a view of the bytes that were given. */
  data(chunk: Buffer): void;
  end(trailers: FieldList | null): void;
  /** The connection goes on in another protocol. */
  upgrade(status: number, fields: FieldList): void;
  malformed(fault: ResponseFault): void;
}

type Mode = "idle" | "head" | "length" | "chunked" | "close";

/**
 * Reads responses of HTTP/1.0 and 1.1 off one connection, one for each `expect`, from bytes split anywhere. Strict: whatever
 * two readers could read in two ways is malformed (RFC 9112).
 */
export class ResponseParser {
  readonly #events: ResponseEvents;
  readonly #head = new ResponseHead();
  readonly #chunks = new ChunkedDecoder(MAX_HEAD);
  readonly #maxHead: number;
  #mode: Mode = "idle";
  #toHead = false;
  #toUpgrade = false;
  /** Bytes of the body that are still to come. */
  #left = 0;
  /** The beginning of a head. */
  #held: Buffer | null = null;
  #kept = false;

  /** @param maxHead bytes of a head with its lines' ends, 16 KiB by default */
  constructor(events: ResponseEvents, maxHead: number = MAX_HEAD) {
    this.#events = events;
    this.#maxHead = maxHead;
  }

  /** Whether the last response, now complete, leaves the connection usable. */
  get reusable(): boolean {
    return this.#mode === "idle" && this.#kept;
  }

  /** For how long the other side said it keeps the idle connection, ms; -1 where it did not. */
  get keepAlive(): number {
    return this.#head.keepAlive;
  }

  /** The next bytes are a response to a request by `method`. */
  expect(method: string, upgrade: boolean): void {
    this.#toHead = method === "HEAD";
    this.#toUpgrade = upgrade;
    this.#mode = "head";
    this.#held = null;
    this.#kept = false;
  }

  /** Reads bytes and says how many: fewer than there are where the response ends before their end. */
  execute(bytes: Buffer): number {
    let at = 0;
    while (at < bytes.length && this.#mode !== "idle") {
      if (this.#mode === "head") at = this.#readHead(bytes, at);
      else if (this.#mode === "chunked") at = this.#readChunks(bytes, at);
      else at = this.#readBytes(bytes, at);
    }
    return at;
  }

  /** The connection has ended. True where that is the end of the response; false where it was cut short. */
  finish(): boolean {
    if (this.#mode !== "close") return false;
    this.#end(null);
    return true;
  }

  #readBytes(bytes: Buffer, at: number): number {
    const rest = bytes.length - at;
    const count = this.#mode === "length" && this.#left < rest ? this.#left : rest;
    this.#events.data(count === bytes.length ? bytes : bytes.subarray(at, at + count));
    if (this.#mode === "length") {
      this.#left -= count;
      if (this.#left === 0) this.#end(null);
    }
    return at + count;
  }

  #readChunks(bytes: Buffer, at: number): number {
    const chunks = this.#chunks;
    const next = chunks.decode(bytes, at, this.#events);
    if (chunks.fault !== null) this.#malformed(chunks.fault);
    else if (chunks.done) this.#end(chunks.trailers);
    return next;
  }

  #readHead(bytes: Buffer, at: number): number {
    const held = this.#held;
    const source = held === null ? bytes : Buffer.concat([held, at === 0 ? bytes : bytes.subarray(at)]);
    const base = held === null ? at : 0;
    const end = source.indexOf(END_OF_HEAD, held === null ? at : Math.max(0, held.length - 3));
    if ((end < 0 ? source.length : end + 4) - base > this.#maxHead) this.#malformed("head-too-large");
    else if (end < 0) this.#holdHead(source.subarray(base));
    else {
      this.#held = null;
      const fault = this.#head.read(source.toString("latin1", base, end + 2));
      if (fault !== null) this.#malformed(fault);
      else this.#headDone();
    }
    if (end < 0) return bytes.length;
    return held === null ? end + 4 : at + end + 4 - held.length;
  }

  /** What can be seen to be no head is told at once: its end might never come. */
  #holdHead(begun: Buffer): void {
    const line = begun.indexOf(LF);
    if (hasBareLf(begun, line)) this.#malformed("bare-line-feed");
    else if (
      line < 0
        ? maybeStatusLine(begun.toString("latin1", 0, 7))
        : endOfStatusLine(begun.toString("latin1", 0, line + 1)) > 0
    )
      this.#held = Buffer.from(begun);
    else this.#malformed("malformed-status-line");
  }

  #headDone(): void {
    const { status, fields, upgrades } = this.#head;
    if (status === 101) {
      if (!(this.#toUpgrade && upgrades)) {
        this.#malformed("unexpected-upgrade");
        return;
      }
      this.#mode = "idle";
      this.#events.upgrade(status, fields);
    } else if (status === 100) this.#malformed("unexpected-continue");
    else if (status < 200) this.#events.informational(status, fields);
    else this.#finalHead(status, fields);
  }

  /** How the body is delimited: RFC 9112 §6.3. */
  #finalHead(status: number, fields: FieldList): void {
    const { length, chunked, closes } = this.#head;
    this.#kept = !closes;
    this.#left = length;
    const bodiless = status === 204 || status === 304;
    // A body that must not be there might follow all the same, and would be taken for the next response.
    if (bodiless && !this.#toHead && (length > 0 || chunked)) this.#kept = false;
    const none = bodiless || this.#toHead || length === 0;
    if (chunked) this.#chunks.reset();
    else if (length < 0 && !none) this.#kept = false;
    this.#mode = none || length >= 0 ? "length" : chunked ? "chunked" : "close";
    this.#events.head(status, fields, this.#head.section);
    if (none) this.#end(null);
  }

  #end(trailers: FieldList | null): void {
    this.#mode = "idle";
    this.#head.release();
    this.#events.end(trailers);
  }

  #malformed(code: ResponseFaultCode): void {
    this.#mode = "idle";
    this.#kept = false;
    this.#events.malformed(new ResponseFault(code));
  }
}
