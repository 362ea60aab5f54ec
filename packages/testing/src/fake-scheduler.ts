/** Takes a timer back; does nothing once it has run. */
export type Cancel = () => void;

interface Timer {
  readonly at: number;
  readonly run: () => void;
}

/** Lets every promise that is settled already run its reactions, however long their chain. */
function settlePromises(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/**
 * Virtual time with timers, all in ms. `now` and `schedule` can be handed on as plain functions. Timers run in the order of their
 * time, equal ones in the order in which they were set, each at its own time; a timer may set others.
 */
export class FakeScheduler {
  readonly #timers: Timer[] = [];
  #now: number;

  constructor(start = 0) {
    this.#now = start;
  }

  /** The virtual time. */
  readonly now = (): number => this.#now;

  /** Like setTimeout: runs `run` once after `ms` (at once, but not before the next advance, for 0 or less). */
  readonly schedule = (run: () => void, ms: number): Cancel => {
    const timer = { at: this.#now + Math.max(0, ms), run };
    const later = this.#timers.findIndex((other) => other.at > timer.at);
    this.#timers.splice(later < 0 ? this.#timers.length : later, 0, timer);
    return () => {
      const index = this.#timers.indexOf(timer);
      if (index >= 0) this.#timers.splice(index, 1);
    };
  };

  /** How many timers are set: 0 at the end of a test shows that nothing was left behind. */
  get pending(): number {
    return this.#timers.length;
  }

  /** Moves time on by `ms` and runs what falls due. */
  advance(ms: number): void {
    const end = this.#now + ms;
    while (this.#runNext(end));
    this.#now = end;
  }

  /** Like `advance`, but lets promises settle before and after each timer. */
  async advanceAsync(ms: number): Promise<void> {
    const end = this.#now + ms;
    do await settlePromises();
    while (this.#runNext(end));
    this.#now = end;
  }

  /** Runs timers until none is left; throws after `limit` of them, since they then set each other for ever. */
  runUntilIdle(limit = 10_000): void {
    for (let count = 0; this.#runNext(Number.POSITIVE_INFINITY); count += 1) assertBelow(count, limit);
  }

  /** Like `runUntilIdle`, but lets promises settle before and after each timer. */
  async runUntilIdleAsync(limit = 10_000): Promise<void> {
    await settlePromises();
    for (let count = 0; this.#runNext(Number.POSITIVE_INFINITY); count += 1) {
      assertBelow(count, limit);
      await settlePromises();
    }
  }

  #runNext(end: number): boolean {
    const next = this.#timers[0];
    if (next === undefined || next.at > end) return false;
    this.#timers.shift();
    this.#now = next.at;
    next.run();
    return true;
  }
}

function assertBelow(count: number, limit: number): void {
  if (count >= limit) throw new Error(`More than ${limit} timers ran and some are left: they set each other for ever.`);
}
