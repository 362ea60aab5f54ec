import type { Socket } from "node:net";

/**
 * Counts how long a client takes nothing of what waits for it, by the socket's own time-out. Most of what waits is taken at once: only
 * what still waits at the next look has its time counted.
 */
export class StallWatch {
  readonly #socket: Socket;
  /** ms; 0 while nothing waits. */
  #most = 0;
  #counts = false;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** @param most ms; 0: nothing waits any more */
  set(most: number): void {
    this.#most = most;
    if (most === 0 && this.#counts) this.#count(0);
  }

  look(): void {
    if (this.#most > 0 && !this.#counts) this.#count(this.#most);
  }

  #count(ms: number): void {
    this.#counts = ms > 0;
    this.#socket.setTimeout(ms);
  }
}
