import { ChunkedDecoder } from "./chunked-decoder.ts";
import { FieldSection } from "./facts.ts";
import { readFields } from "./field-section.ts";
import type { FieldList } from "./fields.ts";
import { type FramingPlan, planFraming } from "./framing.ts";
import { hasBareLf } from "./octets.ts";
import { describeRequestFault, type RequestFault } from "./request-fault.ts";
import { maybeRequestLine, type RequestLine, readRequestLine } from "./request-line.ts";

const LF = 0x0a;
const CR = 0x0d;
const END_OF_HEAD: Buffer = Buffer.from("\r\n\r\n");
/** Bytes of a trailer section. */
const MAX_TRAILERS: number = 16 * 1024;
/** Bytes of a field section that is kept for the next request to be compared with. */
const MAX_KEPT: number = 8 * 1024;

/** A request's head as it stood on the connection. */
export interface ReceivedHead extends RequestLine {
  /** The same object as in the last request, where the connection has sent the same fields again. */
  readonly section: FieldSection;
  readonly framing: FramingPlan;
}

/** What a parser tells, in this order: a head, data, and `end` where there is content; or `malformed`, and then nothing more. */
export interface RequestEvents {
  /** After a head whose framing is refused nothing more is told: where the next request would begin is unknown. */
  head(head: ReceivedHead): void;
  /** A part of the content: a view of the bytes that were given. */
  data(chunk: Buffer): void;
  end(): void;
  malformed(fault: RequestFault): void;
}

export interface RequestParserOptions {
  /** Bytes of a head with its lines' ends. */
  readonly maxHead: number;
  /** Methods that are known; any other is malformed. */
  readonly methods: ReadonlySet<string>;
}

type Mode = "head" | "length" | "chunked" | "whole" | "stopped";

/**
 * Reads requests of HTTP/1.0 and 1.1 off one connection, one at a time, from bytes split anywhere. Strict: RFC 9112 without its
 * leniencies, since whatever two readers could read in two ways is a way to smuggle. How content is delimited is said by
 * `planFraming` alone.
 */
export class RequestParser {
  readonly #events: RequestEvents;
  readonly #options: RequestParserOptions;
  #chunks: ChunkedDecoder | null = null;
  #mode: Mode = "head";
  /** Bytes of the content that are still to come. */
  #left = 0;
  /** The beginning of a head. */
  #held: Buffer | null = null;
  /** Within an empty line before a head. */
  #afterCr = false;
  /** The last head, where its fields are kept, and their lines. */
  #last: ReceivedHead | null = null;
  #lastLines = "";

  constructor(events: RequestEvents, options: RequestParserOptions) {
    this.#events = events;
    this.#options = options;
  }

  /** Whether the request is complete: what follows waits for `next`. */
  get whole(): boolean {
    return this.#mode === "whole";
  }

  /** Whether nothing of a request has come. */
  get idle(): boolean {
    return this.#mode === "head" && this.#held === null;
  }

  /** The next bytes are another request. */
  next(): void {
    if (this.#mode === "whole") this.#mode = "head";
  }

  /** Nothing more is told; what comes is read and dropped. */
  stop(): void {
    this.#mode = "stopped";
    this.#held = null;
    this.forget();
  }

  /** Gives up what is kept of the last head. */
  forget(): void {
    this.#last = null;
    this.#lastLines = "";
  }

  /** Reads bytes and says how many: fewer than there are where a request ends before their end. */
  execute(bytes: Buffer): number {
    let at = 0;
    while (at < bytes.length) {
      if (this.#mode === "head") at = this.#readHead(bytes, at);
      else if (this.#mode === "length") at = this.#readBytes(bytes, at);
      else if (this.#mode === "chunked") at = this.#readChunks(bytes, at);
      else return this.#mode === "whole" ? at : bytes.length;
    }
    return at;
  }

  #readBytes(bytes: Buffer, at: number): number {
    const end = Math.min(bytes.length, at + this.#left);
    this.#left -= end - at;
    const isLast = this.#left === 0;
    if (isLast) this.#mode = "whole";
    this.#events.data(at === 0 && end === bytes.length ? bytes : bytes.subarray(at, end));
    if (isLast) this.#events.end();
    return end;
  }

  #readChunks(bytes: Buffer, at: number): number {
    const chunks = this.#chunks as ChunkedDecoder;
    const next = chunks.decode(bytes, at, this.#events);
    if (this.#mode !== "chunked") return bytes.length;
    if (chunks.fault !== null) this.#malformed(describeRequestFault(chunks.fault));
    else if (chunks.done) {
      this.#mode = "whole";
      this.#events.end();
    }
    return next;
  }

  #readHead(bytes: Buffer, at: number): number {
    // Empty lines before a request are let pass (RFC 9112 §2.2).
    if (this.#afterCr || (this.#held === null && bytes[at] === CR)) return this.#skipLine(bytes, at);
    const held = this.#held;
    const source = held === null ? bytes : Buffer.concat([held, bytes.subarray(at)]);
    const base = held === null ? at : 0;
    const end = source.indexOf(END_OF_HEAD, held === null ? at : Math.max(0, held.length - 3));
    if ((end < 0 ? source.length : end + 4) - base > this.#options.maxHead)
      this.#malformed(describeRequestFault("head-too-large"));
    else if (end < 0) this.#holdHead(source.subarray(base));
    else {
      this.#held = null;
      this.#head(source.toString("latin1", base, end + 2));
    }
    if (end < 0) return bytes.length;
    return held === null ? end + 4 : at + end + 4 - held.length;
  }

  #skipLine(bytes: Buffer, at: number): number {
    if (this.#afterCr && bytes[at] !== LF) this.#malformed(describeRequestFault("malformed-request-line"));
    this.#afterCr = !this.#afterCr;
    return at + 1;
  }

  /** What can be seen to be no head is told at once: its end might never come. */
  #holdHead(begun: Buffer): void {
    const line = begun.indexOf(LF);
    const { methods } = this.#options;
    const text = begun.toString("latin1", 0, line < 0 ? begun.length : line + 1);
    if (hasBareLf(begun, line)) this.#malformed(describeRequestFault("bare-line-feed"));
    else if (line < 0 ? maybeRequestLine(text, methods) : readRequestLine(text, methods) !== null)
      this.#held = Buffer.from(begun);
    else this.#malformed(describeRequestFault("malformed-request-line"));
  }

  #head(text: string): void {
    const line = readRequestLine(text, this.#options.methods);
    if (line === null) {
      this.#malformed(describeRequestFault("malformed-request-line"));
      return;
    }
    const lines = text.slice(line.length);
    const last = this.#last;
    const head = last !== null && lines === this.#lastLines ? again(line, last) : this.#read(line, lines);
    if (head === null) return;
    const isKept = lines.length <= MAX_KEPT;
    this.#last = isKept ? head : null;
    this.#lastLines = isKept ? lines : "";
    this.#begin(head.framing);
    this.#events.head(head);
  }

  #read({ method, target, version }: RequestLine, lines: string): ReceivedHead | null {
    const fields: FieldList = [];
    const fault = readFields(lines, 0, fields);
    if (fault !== null) {
      this.#malformed(describeRequestFault(fault));
      return null;
    }
    const framing = planFraming(version, method, fields, true);
    return { method, target, version, section: new FieldSection(fields), framing };
  }

  #begin(framing: FramingPlan): void {
    if (framing.kind === "refuse") this.#mode = "stopped";
    else if (framing.kind === "chunked") {
      this.#mode = "chunked";
      this.#chunks ??= new ChunkedDecoder(MAX_TRAILERS);
      this.#chunks.reset();
    } else if (framing.kind === "length" && framing.length > 0) {
      this.#mode = "length";
      this.#left = framing.length;
    } else this.#mode = "whole";
  }

  #malformed(fault: RequestFault): void {
    this.stop();
    this.#events.malformed(fault);
  }
}

/** A head with the fields of the last one, of which nothing has to be read again. */
function again({ method, target, version }: RequestLine, last: ReceivedHead): ReceivedHead {
  const { section } = last;
  const isFramedAlike = last.method === method && last.version === version;
  const framing = isFramedAlike ? last.framing : planFraming(version, method, section.list, true);
  return { method, target, version, section, framing };
}
