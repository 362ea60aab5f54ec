import type { Backend } from "../backend.ts";
import { REPORT_EXPIRY } from "../load/load-report.ts";
import type { AttemptOutcome, ChooseContext, Policy } from "../policy.ts";
import { SlidingWindow } from "../sliding-window.ts";
import { weightAt } from "../weight.ts";
import { WeightedRoundRobin } from "./weighted-round-robin.ts";

/** A backend that begins to report counts as average for so long, ms: its first figures are of its warming up. */
const BLACKOUT = 10_000;
/** Weights are made anew so often, ms. */
const UPDATE = 1000;
/** The window over which a backend's own rate is counted when it reports none, ms. */
const RATE_WINDOW = 10_000;
/** A utilisation below this counts as this, so that an idle backend's weight stays finite. */
const LEAST_UTILIZATION = 0.01;
/** An agent's 0 % counts as this: to get nothing at all it says `drain`. */
const LEAST_FACTOR = 0.01;

/**
 * Weighted round robin by what backends report: requests per second / (utilisation + errors per request), so that all
 * come to the same utilisation. One without valid reports counts as the average of those that have them; while none has,
 * configured weights hold. An agent's percentage scales that.
 * Source: gRPC A58 and Envoy's client-side weighted round robin over ORCA. There a backend must report its rate; where
 * it does not, the rate that this gateway sends it is used.
 */
export class LoadAware implements Policy {
  #turns = new WeightedRoundRobin((backend, now) => this.#weigh(backend, now));
  readonly #rates = new WeakMap<Backend, SlidingWindow>();
  /** Where a copy finds the rates that it has not counted itself. */
  #origin: WeakMap<Backend, SlidingWindow> | null = null;
  /** Relative to the average. */
  #weights = new Map<Backend, number>();
  #updated = Number.NEGATIVE_INFINITY;

  pick(candidates: readonly Backend[], context: ChooseContext): Backend | undefined {
    if (context.now - this.#updated >= UPDATE) this.#update(candidates, context.now);
    return this.#turns.pick(candidates, context);
  }

  released(backend: Backend, outcome: AttemptOutcome | null): void {
    if (outcome === null) return;
    let rate = this.#rates.get(backend);
    if (rate === undefined) {
      rate = new SlidingWindow(RATE_WINDOW);
      this.#rates.set(backend, rate);
    }
    rate.add(outcome.now);
  }

  copy(): Policy {
    const copy = new LoadAware();
    copy.#turns = this.#turns.copy((backend, now) => copy.#weigh(backend, now));
    copy.#origin = this.#rates;
    copy.#weights = new Map(this.#weights);
    copy.#updated = this.#updated;
    return copy;
  }

  /** A ramp counts on top of what the reports say. */
  #weigh(backend: Backend, now: number): number {
    return ((this.#weights.get(backend) ?? 1) * weightAt(backend, now)) / backend.weight;
  }

  #update(candidates: readonly Backend[], now: number): void {
    this.#updated = now;
    const capacities = candidates.map((backend) => this.#capacityOf(backend, now));
    const known = capacities.filter((capacity) => capacity !== undefined);
    const average = known.reduce((a, b) => a + b, 0) / known.length;
    this.#weights = new Map();
    candidates.forEach((backend, index) => {
      const unreported = known.length === 0 ? backend.weight : 1;
      const capacity = capacities[index];
      const weight = capacity === undefined ? unreported : capacity / average;
      this.#weights.set(backend, weight * factorOf(backend, now));
    });
  }

  /** Requests per second that would keep it fully busy; undefined where its reports do not tell. */
  #capacityOf(backend: Backend, now: number): number | undefined {
    const { load } = backend;
    if (load === null || now - load.at >= REPORT_EXPIRY || now - load.since < BLACKOUT) return undefined;
    const { utilization, cpu, memory, errorRate = 0, requestRate = this.#rateOf(backend, now) } = load.report;
    const busy = utilization ?? cpu ?? memory;
    if (busy === undefined || requestRate === 0) return undefined;
    return requestRate / (Math.max(busy, LEAST_UTILIZATION) + errorRate / requestRate);
  }

  #rateOf(backend: Backend, now: number): number {
    const rate = this.#rates.get(backend) ?? this.#origin?.get(backend);
    return ((rate?.total(now) ?? 0) * 1000) / RATE_WINDOW;
  }
}

function factorOf({ load }: Backend, now: number): number {
  if (load === null || now - load.at >= REPORT_EXPIRY) return 1;
  return Math.max(LEAST_FACTOR, load.report.weightFactor ?? 1);
}
