import { readFields } from "./field-section.ts";
import type { FieldList } from "./fields.ts";
import { VALUE_OCTETS } from "./octets.ts";
import type { ResponseFaultCode } from "./response-fault.ts";

const LF = 0x0a;
const CR = 0x0d;
const SEMICOLON = 0x3b;
/** 13 hex digits stay below 2^53. */
const MAX_DIGITS = 13;
/** Of the extensions of one chunk, bytes. */
const MAX_EXTENSION = 1024;
const END_OF_SECTION: Buffer = Buffer.from("\r\n\r\n");
const NOTHING: Buffer = Buffer.alloc(0);

const HEX: Int8Array = Int8Array.from({ length: 256 }, (_, code) => {
  const digit = Number.parseInt(String.fromCharCode(code), 16);
  return Number.isNaN(digit) ? -1 : digit;
});

type State = "size" | "extension" | "size-end" | "data" | "data-cr" | "data-lf" | "trailers" | "done" | "failed";

/** The chunked transfer coding (RFC 9112 §7.1), read strictly. */
export class ChunkedDecoder {
  /** Of the trailer section, once it is `done`; null without one. */
  trailers: FieldList | null = null;
  fault: ResponseFaultCode | null = null;
  readonly #maxTrailers: number;
  #state: State = "size";
  #size = 0;
  #digits = 0;
  #extension = 0;
  #held = NOTHING;

  /** @param maxTrailers bytes of the trailer section */
  constructor(maxTrailers: number) {
    this.#maxTrailers = maxTrailers;
  }

  get done(): boolean {
    return this.#state === "done";
  }

  /** For another body. */
  reset(): void {
    this.trailers = null;
    this.fault = null;
    this.#state = "size";
    this.#beginSize();
    this.#held = NOTHING;
  }

  /** Reads `bytes` from `at`, hands chunks' content to `data`, and says up to where it has read: past the end it reads nothing. */
  decode(bytes: Buffer, at: number, sink: { data(chunk: Buffer): void }): number {
    let next = at;
    while (next < bytes.length && this.#state !== "done" && this.#state !== "failed") {
      if (this.#state === "data") next = this.#data(bytes, next, sink);
      else if (this.#state === "trailers") next = this.#trailers(bytes, next);
      else {
        this.#octet(bytes[next] as number);
        next += 1;
      }
    }
    return next;
  }

  #data(bytes: Buffer, at: number, sink: { data(chunk: Buffer): void }): number {
    const end = Math.min(bytes.length, at + this.#size);
    this.#size -= end - at;
    if (this.#size === 0) this.#state = "data-cr";
    sink.data(at === 0 && end === bytes.length ? bytes : bytes.subarray(at, end));
    return end;
  }

  #octet(octet: number): void {
    switch (this.#state) {
      case "size":
        this.#sizeOctet(octet);
        break;
      case "extension":
        if (octet === CR) this.#state = "size-end";
        else if (VALUE_OCTETS[octet] !== 1 || ++this.#extension > MAX_EXTENSION) this.#fail("malformed-chunk");
        break;
      case "size-end":
        if (octet === LF) this.#state = this.#size === 0 ? "trailers" : "data";
        else this.#fail("malformed-chunk");
        break;
      case "data-cr":
        if (octet === CR) this.#state = "data-lf";
        else this.#fail("malformed-chunk");
        break;
      default:
        this.#beginSize();
        if (octet === LF) this.#state = "size";
        else this.#fail("malformed-chunk");
    }
  }

  #beginSize(): void {
    this.#size = 0;
    this.#digits = 0;
    this.#extension = 0;
  }

  #sizeOctet(octet: number): void {
    const digit = HEX[octet] as number;
    if (digit >= 0 && this.#digits < MAX_DIGITS) {
      this.#size = this.#size * 16 + digit;
      this.#digits += 1;
    } else if (this.#digits > 0 && octet === CR) this.#state = "size-end";
    else if (this.#digits > 0 && octet === SEMICOLON) this.#state = "extension";
    else this.#fail("malformed-chunk");
  }

  #trailers(bytes: Buffer, at: number): number {
    const before = this.#held.length;
    const section = before === 0 ? bytes.subarray(at) : Buffer.concat([this.#held, bytes.subarray(at)]);
    if (section[0] === CR) return this.#emptyTrailers(section, bytes, at);
    const end = section.indexOf(END_OF_SECTION, Math.max(0, before - 3));
    if ((end < 0 ? section.length : end + 4) > this.#maxTrailers) this.#fail("trailers-too-large");
    else if (end >= 0) this.#readTrailers(section.toString("latin1", 0, end + 2));
    else this.#held = Buffer.from(section);
    return end < 0 ? bytes.length : at + end + 4 - before;
  }

  #emptyTrailers(section: Buffer, bytes: Buffer, at: number): number {
    if (section.length === 1) {
      this.#held = Buffer.from(section);
      return bytes.length;
    }
    if (section[1] === LF) this.#state = "done";
    else this.#fail("malformed-chunk");
    return at + 2 - this.#held.length;
  }

  #readTrailers(text: string): void {
    const fields: FieldList = [];
    const fault = readFields(text, 0, fields);
    if (fault !== null) this.#fail(fault);
    else {
      this.trailers = fields;
      this.#state = "done";
    }
  }

  #fail(code: ResponseFaultCode): void {
    this.fault = code;
    this.#state = "failed";
  }
}
