import type { ControlTime } from "../control/control-time.ts";

/** The clocks, timers and chance of the process. */
export const time: ControlTime = {
  clock: { now: Date.now, tick: () => performance.now() },
  // Timers of the control plane never keep the process alive: the listeners do.
  schedule(run, ms) {
    const timer = setTimeout(run, ms).unref();
    return () => clearTimeout(timer);
  },
  random: Math.random,
};
