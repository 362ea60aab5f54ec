import { type Cancel, FakeScheduler } from "@headgate/testing";

/** What code may do with a timer that it has set. */
class VirtualTimer {
  readonly #scheduler: FakeScheduler;
  readonly #run: () => void;
  readonly #ms: number;
  #cancel: Cancel;

  constructor(scheduler: FakeScheduler, run: () => void, ms: number) {
    this.#scheduler = scheduler;
    this.#run = run;
    this.#ms = ms;
    this.#cancel = scheduler.schedule(run, ms);
  }

  refresh(): this {
    this.clear();
    this.#cancel = this.#scheduler.schedule(this.#run, this.#ms);
    return this;
  }

  clear(): void {
    this.#cancel();
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }
}

/**
 * Puts virtual time in place of setTimeout and clearTimeout in every test of the calling file. After each test, timers that are
 * still set are an error: whoever sets one owns it.
 */
export function virtualTimers(): { readonly time: FakeScheduler } {
  const real = { setTimeout: globalThis.setTimeout, clearTimeout: globalThis.clearTimeout };
  const holder = { time: new FakeScheduler() };
  beforeEach(() => {
    const time = new FakeScheduler();
    holder.time = time;
    const virtual = {
      setTimeout: (run: () => void, ms = 0) => new VirtualTimer(time, run, ms),
      clearTimeout: (timer: unknown) => {
        if (timer instanceof VirtualTimer) timer.clear();
      },
    };
    Object.assign(globalThis, virtual);
  });
  afterEach(() => {
    Object.assign(globalThis, real);
    expect({ timersLeft: holder.time.pending }).toEqual({ timersLeft: 0 });
  });
  return holder;
}
