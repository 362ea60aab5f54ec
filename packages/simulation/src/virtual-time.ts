import type { Schedule } from "@headgate/health";
import TinyQueue from "tinyqueue";

interface Timer {
  readonly at: number;
  readonly order: number;
  /** Null once it was called off. */
  run: (() => void) | null;
}

/** Timers that were called off are swept out once they are most of all, and so many. */
const SWEEP = 1000;

/**
 * A clock that jumps from one timer to the next, ms from 0. Equal times keep the order in which they were set, so a run is
 * the same each time.
 */
export class VirtualTime {
  #timers = new TinyQueue<Timer>([], sooner);
  readonly #react: () => Promise<void>;
  #now = 0;
  #set = 0;
  #calledOff = 0;
  #promised = false;

  /** `react` resolves when all promises that are settled have run their reactions, as after `setImmediate`. */
  constructor(react: () => Promise<void>) {
    this.#react = react;
  }

  readonly now = (): number => this.#now;

  readonly schedule: Schedule = (run, ms) => {
    const timer: Timer = { at: this.#now + Math.max(0, ms), order: this.#set++, run };
    this.#timers.push(timer);
    return () => {
      if (timer.run === null) return;
      timer.run = null;
      if (++this.#calledOff >= SWEEP) this.#sweep();
    };
  };

  /** The same for code that goes on by promises: their reactions run before the next timer does. */
  readonly schedulePromised: Schedule = (run, ms) =>
    this.schedule(() => {
      this.promised();
      run();
    }, ms);

  /** A promise was settled: its reactions run before the next timer does. */
  promised(): void {
    this.#promised = true;
  }

  /** Runs timers until `isDone`. Throws when none is left before that. */
  async runUntil(isDone: () => boolean): Promise<void> {
    for (;;) {
      if (this.#promised) {
        this.#promised = false;
        await this.#react();
      }
      if (isDone()) return;
      this.#runNext();
    }
  }

  #runNext(): void {
    const timer = this.#timers.pop();
    if (timer === undefined) throw new Error("Nothing is left to happen, and the simulation is not done.");
    const { run } = timer;
    if (run === null) {
      this.#calledOff--;
      return;
    }
    this.#now = timer.at;
    timer.run = null;
    run();
  }

  #sweep(): void {
    if (this.#calledOff * 2 < this.#timers.length) return;
    this.#timers = new TinyQueue(
      this.#timers.data.filter(({ run }) => run !== null),
      sooner,
    );
    this.#calledOff = 0;
  }
}

function sooner(a: Timer, b: Timer): number {
  return a.at - b.at || a.order - b.order;
}
