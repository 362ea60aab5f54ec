import { type ConcurrencyLimit, type LimitBounds, type LimitSample, within } from "./concurrency-limit.ts";

export interface GradientOptions extends LimitBounds {
  /** How far latency may rise above its long average before the limit falls, from 1. Default 1.5. */
  readonly tolerance?: number;
  /** The share of each new limit that is taken over, 0 to 1. Default 0.2. */
  readonly smoothing?: number;
}

/** Samples that the long average looks back on. */
const LONG_WINDOW = 600;
/** At most this share of the limit is given up at once. */
const STEEPEST = 0.5;

/**
 * Compares each latency with its long average: while they agree, the limit grows by the square root of itself; as
 * latency rises, queues are forming and the limit falls in proportion.
 * Source: Netflix concurrency-limits `Gradient2Limit`; Envoy's gradient controller.
 */
export class GradientLimit implements ConcurrencyLimit {
  readonly #options: GradientOptions;
  #limit: number;
  #long = 0;

  constructor(options: GradientOptions = {}) {
    this.#options = options;
    this.#limit = within(options, options.initial ?? 20);
  }

  get limit(): number {
    return Math.floor(this.#limit);
  }

  sample({ latency, active, dropped }: LimitSample): void {
    const { tolerance = 1.5, smoothing = 0.2 } = this.#options;
    const short = Math.max(latency, 0.001);
    this.#learn(short);
    if (active * 2 < this.#limit && !dropped) return;
    const gradient = dropped ? STEEPEST : Math.max(STEEPEST, Math.min(1, (tolerance * this.#long) / short));
    const wanted = this.#limit * gradient + (dropped ? 0 : Math.sqrt(this.#limit));
    this.#limit = within(this.#options, this.#limit * (1 - smoothing) + wanted * smoothing);
  }

  /** After a time of high latency the long average comes down faster, so that the limit does not grow on its memory. */
  #learn(short: number): void {
    if (this.#long === 0) this.#long = short;
    else this.#long += (short - this.#long) / (LONG_WINDOW / 2);
    if (this.#long > 2 * short) this.#long *= 0.95;
  }
}
