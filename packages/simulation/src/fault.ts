import type { VirtualTime } from "./virtual-time.ts";

/** When a fault is there, ms after the start. */
export interface FaultTime {
  /** Default from before the first checks. */
  readonly from?: number | undefined;
  /** Default to the end. */
  readonly to?: number | undefined;
  /** It comes again after so long, counted from its beginning. Default once. */
  readonly every?: number | undefined;
}

/**
 * `down` refuses connections and breaks off what runs. `stall` accepts, and goes on with all of it afterwards. `slow` takes
 * `factor` times as long. `errors` answers a `share` with `status`, after `after` ms or as long as a good answer takes;
 * `checks` says whether health checks fail with the same share.
 */
export type FaultKind =
  | { readonly kind: "down" | "stall" }
  | { readonly kind: "slow"; readonly factor: number }
  | {
      readonly kind: "errors";
      readonly share: number;
      readonly status: number;
      readonly after?: number | undefined;
      readonly checks: boolean;
    };

export type Fault = FaultTime & FaultKind;

/** Calls `begin` and `end` when a fault comes and goes, from now on; one without `from` must have been begun already. */
export function scheduleFault({ from, to, every }: Fault, time: VirtualTime, begin: () => void, end: () => void): void {
  const once = (offset: number): void => {
    if (from !== undefined) time.schedule(begin, from + offset);
    if (to !== undefined) time.schedule(end, to + offset);
  };
  once(0);
  if (from === undefined || to === undefined || every === undefined) return;
  const again = (): void => {
    once(every);
    time.schedule(again, every);
  };
  again();
}
