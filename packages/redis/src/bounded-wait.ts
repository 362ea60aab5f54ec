import type { LeaseWait } from "@headgate/cache";
import type { Schedule } from "./port.ts";

export interface BoundedWaitParts {
  readonly schedule: Schedule;
  /** 0 (included) to 1 (excluded). */
  readonly random: () => number;
  /** Whether somebody still has the lease; must not reject. */
  readonly isHeld: () => Promise<boolean>;
  /** Told once, at the end. */
  readonly onOver: () => void;
}

/** Between two looks whether the lease is still held, ms: only for words that were not heard. */
const POLL = 250;

/** Waits until a lease has ended: until somebody says so, or it is seen to be gone, or patience is over. */
export class BoundedWait implements LeaseWait {
  readonly ended: Promise<void>;
  readonly #parts: BoundedWaitParts;
  #resolve: () => void = () => undefined;
  #isOver = false;
  #cancelPoll: () => void = () => undefined;
  #cancelPatience: () => void = () => undefined;

  /** It can be stopped from now on, so that no word is missed; its time runs from `start`. */
  constructor(parts: BoundedWaitParts) {
    this.#parts = parts;
    this.ended = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** @param patience ms */
  start(patience: number): void {
    if (this.#isOver) return;
    this.#cancelPatience = this.#parts.schedule(() => this.stop(), patience);
    this.#pollLater();
  }

  stop(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#cancelPatience();
    this.#cancelPoll();
    this.#parts.onOver();
    this.#resolve();
  }

  #pollLater(): void {
    const { schedule, random } = this.#parts;
    this.#cancelPoll = schedule(() => void this.#poll(), POLL * (0.5 + random()));
  }

  async #poll(): Promise<void> {
    const isHeld = await this.#parts.isHeld();
    if (this.#isOver) return;
    if (isHeld) this.#pollLater();
    else this.stop();
  }
}
