import { write } from "node:fs";
import type { LogDestination } from "./log.ts";

/** Bytes that a pipe takes at once or not at all, so that lines of several processes stay whole (PIPE_BUF of Linux; POSIX: 512). */
export const LARGEST_WHOLE = 4096;

const LINE_FEED = 10;

/** Characters that may wait for a slow reader; lines on top of it are dropped, and their number is told afterwards. */
const MAX_WAITING = 4 * 1024 * 1024;
const RETRY_MS = 5;
const CLOSE_MS = 1000;

/**
 * Writes lines to a file descriptor in the background, many at a time when they come fast. A reader that is slow or
 * gone costs lines, never time and never the process: process.stdout blocks on a full pipe and throws on a closed one.
 */
export class LineWriter implements LogDestination {
  readonly #fd: number;
  readonly #largest: number;
  #waiting = "";
  #writing = false;
  #dropped = 0;
  #onIdle: (() => void) | null = null;

  /** @param largest bytes that are written at once at most, in whole lines; default any number */
  constructor(fd: number, largest: number = Number.POSITIVE_INFINITY) {
    this.#fd = fd;
    this.#largest = largest;
  }

  write(line: string): void {
    if (this.#waiting.length + line.length > MAX_WAITING) {
      this.#dropped++;
      return;
    }
    this.#waiting += line;
    if (!this.#writing) this.#next();
  }

  /** Resolves when all is written, or after a second if the reader does not take it. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      if (!this.#writing) return resolve();
      const timer = setTimeout(resolve, CLOSE_MS);
      this.#onIdle = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #next(): void {
    if (this.#dropped > 0) {
      this.#waiting += `{"level":"warn","dropped":${this.#dropped},"msg":"log lines dropped: their reader is too slow"}\n`;
      this.#dropped = 0;
    }
    const chunk = Buffer.from(this.#waiting);
    this.#waiting = "";
    this.#writing = chunk.length > 0;
    if (this.#writing) this.#attempt(chunk);
    else this.#onIdle?.();
  }

  #attempt(chunk: Buffer): void {
    write(this.#fd, chunk, 0, this.#portion(chunk), (error, written) => {
      if (error?.code === "EAGAIN") setTimeout(() => this.#attempt(chunk), RETRY_MS).unref();
      else if (error === null && written < chunk.length) this.#attempt(chunk.subarray(written));
      // Whatever else fails, such as a closed pipe, fails for this chunk alone: a full disk may have room again.
      else this.#next();
    });
  }

  /** How much of it goes out now: as many whole lines as fit, though one at least. */
  #portion(chunk: Buffer): number {
    if (chunk.length <= this.#largest) return chunk.length;
    const fitting = chunk.lastIndexOf(LINE_FEED, this.#largest - 1);
    return (fitting >= 0 ? fitting : chunk.indexOf(LINE_FEED)) + 1 || chunk.length;
  }
}
