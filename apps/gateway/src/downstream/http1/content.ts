import type { GatewayError } from "../../gateway-error.ts";
import type { ContentEvents, ContentStream } from "../content-stream.ts";

/** What content that nobody reads yet may take of memory before its connection is paused, bytes. */
const HELD = 16 * 1024;

/** The connection, as content steers it. */
export interface ContentWire {
  pause(): void;
  resume(): void;
  /** More was dropped than a connection is worth. */
  tooMuch(): void;
}

/** One request's content on an HTTP/1 connection. What comes before its reader, or while it waits, is held and the client paused. */
export class Http1Content implements ContentStream {
  readonly #wire: ContentWire;
  /** Bytes that are dropped at most. */
  readonly #dropLimit: number;
  #events: ContentEvents | null = null;
  #held: Buffer[] = [];
  #heldBytes = 0;
  #paused = false;
  #complete = false;
  #dropping = false;
  #dropped = 0;
  /** How it ended otherwise; told to a reader that comes late. */
  #broken: GatewayError | "gone" | null = null;

  constructor(wire: ContentWire, dropLimit: number) {
    this.#wire = wire;
    this.#dropLimit = dropLimit;
  }

  get complete(): boolean {
    return this.#complete;
  }

  get paused(): boolean {
    return this.#paused;
  }

  /** Whether somebody waits for more of it. */
  get hasReader(): boolean {
    return this.#events !== null;
  }

  start(events: ContentEvents): void {
    this.#events = events;
    this.resume();
  }

  pause(): void {
    this.#paused = true;
    if (!this.#complete) this.#wire.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#deliver();
    if (!this.#paused && !this.#complete && this.#broken === null) this.#wire.resume();
  }

  drop(): void {
    this.#events = null;
    if (this.#dropping) return;
    this.#dropping = true;
    this.#paused = false;
    this.#held = [];
    if (!this.#complete && this.#broken === null) this.#wire.resume();
  }

  /** A part of it has come. */
  receive(chunk: Buffer): void {
    if (this.#dropping) {
      this.#dropped += chunk.length;
      if (this.#dropped > this.#dropLimit) this.#wire.tooMuch();
    } else if (this.#events !== null && !this.#paused) this.#events.data(chunk);
    else this.#hold(chunk);
  }

  /** All of it has come. */
  finish(): void {
    this.#complete = true;
    // What is held is read from here; the client's leaving must be seen meanwhile.
    if (this.#paused || this.#heldBytes > 0) this.#wire.resume();
    this.#tellEnd();
  }

  /** No more will come. */
  breakOff(how: GatewayError | "gone"): void {
    if (this.#complete || this.#broken !== null) return;
    this.#broken = how;
    this.#tellEnd();
  }

  #hold(chunk: Buffer): void {
    this.#held.push(chunk);
    this.#heldBytes += chunk.length;
    if (this.#heldBytes >= HELD && !this.#complete) this.#wire.pause();
  }

  #deliver(): void {
    while (this.#held.length > 0 && !this.#paused && this.#events !== null) {
      const chunk = this.#held.shift() as Buffer;
      this.#heldBytes -= chunk.length;
      this.#events.data(chunk);
    }
    this.#tellEnd();
  }

  #tellEnd(): void {
    const events = this.#events;
    if (events === null || this.#paused || this.#held.length > 0) return;
    if (!this.#complete && this.#broken === null) return;
    this.#events = null;
    if (this.#complete) events.end();
    else if (this.#broken === "gone") events.gone();
    else if (this.#broken !== null) events.fail(this.#broken);
  }
}
