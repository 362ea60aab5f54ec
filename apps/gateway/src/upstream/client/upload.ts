import type { Duplex } from "node:stream";
import type { BodySink, BodySource } from "../../body.ts";
import { ClientError } from "./client-error.ts";

/** Who hears how an upload ended, unless it was stopped. */
export interface UploadEvents {
  uploaded(): void;
  uploadFailed(error: Error): void;
}

/** Bytes that are held for the end of a turn. */
const WINDOW = 128 * 1024;

/**
 * A streamed request body on its way to a socket, framed by its length or in chunks. It is written at the end of each turn of
 * the event loop: a backend that answers early and closes is read first, and its answer is not lost to a write that fails.
 */
export class Upload implements BodySink {
  /** Whether the socket has to drain before more is taken. */
  blocked = false;
  readonly #socket: Duplex;
  readonly #source: BodySource;
  readonly #events: UploadEvents;
  /** Bytes that are still to come; null if unknown. */
  #left: number | null;
  /** For the end of this turn. */
  #chunks: Buffer[] = [];
  #held = 0;
  #starting = false;
  #paused = false;
  #ended = false;
  #over = false;
  readonly #onTurn = (): void => this.#endTurn();

  constructor(socket: Duplex, source: BodySource, length: number | null, events: UploadEvents) {
    this.#socket = socket;
    this.#source = source;
    this.#left = length;
    this.#events = events;
  }

  /** Sends the head, with as much of the body as is here already. */
  start(head: string): void {
    const socket = this.#socket;
    socket.cork();
    socket.write(head, "latin1");
    this.#starting = true;
    this.#source.pipe(this);
    this.#starting = false;
    socket.uncork();
  }

  data(chunk: Buffer): boolean {
    // An empty chunk would be the last one.
    if (this.#over || chunk.length === 0) return !this.#over;
    if (this.#left !== null) {
      this.#left -= chunk.length;
      if (this.#left < 0) {
        this.#mismatch();
        return false;
      }
    }
    if (this.#starting) this.#write(chunk);
    else this.#hold(chunk);
    this.#paused = this.blocked || this.#held >= WINDOW;
    return !this.#paused;
  }

  end(): void {
    if (this.#over) return;
    this.#ended = true;
    if (this.#left !== null && this.#left > 0) this.#mismatch();
    else if (this.#chunks.length === 0) this.#finish();
  }

  fail(error: Error): void {
    if (this.#over) return;
    this.#over = true;
    this.#events.uploadFailed(error);
  }

  drained(): void {
    this.blocked = false;
    this.#goOn();
  }

  /** Nobody takes the rest. */
  stop(reason: Error): void {
    if (this.#over) return;
    this.#over = true;
    this.#source.cancel(reason);
  }

  #hold(chunk: Buffer): void {
    if (this.#chunks.length === 0) setImmediate(this.#onTurn);
    this.#chunks.push(chunk);
    this.#held += chunk.length;
  }

  #endTurn(): void {
    if (this.#over) return;
    const chunks = this.#chunks;
    this.#chunks = [];
    this.#held = 0;
    this.#socket.cork();
    for (const chunk of chunks) this.#write(chunk);
    this.#socket.uncork();
    if (this.#ended) this.#finish();
    else this.#goOn();
  }

  #goOn(): void {
    if (this.#over || !this.#paused || this.blocked) return;
    this.#paused = false;
    this.#source.resume();
  }

  #write(chunk: Buffer): void {
    const socket = this.#socket;
    if (this.#left !== null) this.blocked = !socket.write(chunk);
    else {
      socket.cork();
      socket.write(`${chunk.length.toString(16)}\r\n`, "latin1");
      socket.write(chunk);
      this.blocked = !socket.write("\r\n", "latin1");
      socket.uncork();
    }
  }

  #finish(): void {
    this.#over = true;
    if (this.#left === null) this.#socket.write("0\r\n\r\n", "latin1");
    this.#events.uploaded();
  }

  #mismatch(): void {
    const error = new ClientError("UPSTREAM_BODY_LENGTH", "the request's body has another length than was told");
    this.stop(error);
    this.#events.uploadFailed(error);
  }
}
