import type { Random } from "./draws.ts";

/** One exchange that is to come. */
export interface Arrival {
  /** ms after the start. */
  readonly at: number;
  /** What a backend of speed 1 works on it, ms. Default drawn from the scenario's service time. */
  readonly work?: number | undefined;
  /** The key of consistent hashing. Default drawn from the scenario's keys. */
  readonly key?: string | undefined;
  /** Default GET. */
  readonly method?: string | undefined;
}

/** When exchanges come: at random moments or evenly, `rate` a second for `duration` ms; or as they once came. */
export type Arrivals =
  | { readonly process: "poisson" | "constant"; readonly rate: number; readonly duration: number }
  | { readonly process: "recorded"; readonly list: readonly Arrival[] };

export function* arrive(arrivals: Arrivals, random: Random): Iterable<Arrival> {
  if (arrivals.process === "recorded") {
    yield* arrivals.list;
    return;
  }
  const { process, rate, duration } = arrivals;
  const gap = 1000 / rate;
  const next = process === "constant" ? () => gap : () => -Math.log(1 - random()) * gap;
  for (let at = next(); at < duration; at += next()) yield { at };
}
