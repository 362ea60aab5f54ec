import type { Socket } from "node:net";
import { readPast } from "./read-past.ts";

/** What a client may send ahead of the answer it waits for, before it is paused; bytes. */
const MOST = 64 * 1024;

/** What comes on a connection. Its bytes lie where the next ones are read to: whoever keeps some of them says so. */
export class Intake {
  readonly #socket: Socket;
  readonly #take: (bytes: Buffer) => void;
  /** Copies of bytes behind a request that is not answered yet. */
  #ahead: Buffer[] = [];
  #aheadBytes = 0;
  /** Whether what is read stays as it is. */
  #lasting = true;
  /** Whether nobody keeps what was read. */
  #spent = true;
  /** Another takes over what comes. */
  #left = false;

  constructor(socket: Socket, take: (bytes: Buffer) => void) {
    this.#socket = socket;
    this.#take = take;
    socket.on("data", this.#onData);
    readPast(socket, this.#onBytes);
  }

  /** A part of what comes, to be kept. */
  keep(bytes: Buffer): Buffer {
    this.#spent = false;
    return this.#lasting ? bytes : Buffer.from(bytes);
  }

  /** Holds bytes until they are taken; with too many of them the client is paused. */
  hold(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#ahead.push(Buffer.from(bytes));
    this.#aheadBytes += bytes.length;
    if (this.#aheadBytes >= MOST) this.#socket.pause();
  }

  /** What is held; null where nothing is. */
  takeHeld(): Buffer | null {
    if (this.#aheadBytes === 0) return null;
    const held = this.#ahead.length === 1 ? (this.#ahead[0] as Buffer) : Buffer.concat(this.#ahead);
    if (this.#aheadBytes >= MOST) this.#socket.resume();
    this.drop();
    return held;
  }

  /** Gives up what is held. */
  drop(): void {
    this.#ahead = [];
    this.#aheadBytes = 0;
  }

  /** From here on what comes is the socket's own data, for whoever takes over; what is held goes to them too. */
  leave(): Buffer {
    const held = this.takeHeld();
    this.#left = true;
    this.#socket.off("data", this.#onData);
    this.#socket.pause();
    return held ?? Buffer.alloc(0);
  }

  readonly #onData = (bytes: Buffer): void => {
    this.#onBytes(bytes, true);
  };

  readonly #onBytes = (bytes: Buffer, lasting: boolean): boolean => {
    this.#lasting = lasting;
    this.#spent = true;
    if (this.#left) this.#socket.push(this.keep(bytes));
    else this.#take(bytes);
    return this.#spent;
  };
}
