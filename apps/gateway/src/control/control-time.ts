import type { Schedule } from "@headgate/health";
import type { Clock } from "../clock.ts";

/** Time, timers and chance for the control plane, handed in by the composition root. */
export interface ControlTime {
  readonly clock: Clock;
  /** One timer; what it returns calls it off. It does not keep the process alive. */
  readonly schedule: Schedule;
  /** 0 (included) to 1 (excluded). */
  readonly random: () => number;
}
