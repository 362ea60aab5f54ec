import { type ConcurrencyLimit, type LimitBounds, type LimitSample, within } from "./concurrency-limit.ts";

export interface AimdOptions extends LimitBounds {
  /** A latency above this counts as dropped, ms. Default none. */
  readonly latency?: number;
  /** What a drop leaves of the limit, 0.5 to 1. Default 0.9. */
  readonly backoff?: number;
}

/**
 * Additive increase, multiplicative decrease: a drop takes a tenth of the limit, an answer while at least half of it is
 * in use adds one. Drops of attempts that were in flight together count once, as losses of one window do in TCP.
 * Source: RFC 5681 §3; Netflix concurrency-limits `AIMDLimit`.
 */
export class AimdLimit implements ConcurrencyLimit {
  readonly #options: AimdOptions;
  #limit: number;
  #lastDrop = Number.NEGATIVE_INFINITY;

  constructor(options: AimdOptions = {}) {
    this.#options = options;
    this.#limit = within(options, options.initial ?? 20);
  }

  get limit(): number {
    return this.#limit;
  }

  sample({ latency, active, dropped, now }: LimitSample): void {
    const { latency: most = Number.POSITIVE_INFINITY, backoff = 0.9 } = this.#options;
    if (!dropped && latency <= most) {
      if (active * 2 >= this.#limit) this.#limit = within(this.#options, this.#limit + 1);
    } else if (now - latency >= this.#lastDrop) {
      this.#limit = within(this.#options, Math.floor(this.#limit * backoff));
      this.#lastDrop = now;
    }
  }
}
