import { type ConcurrencyLimit, type LimitBounds, type LimitSample, within } from "./concurrency-limit.ts";

export interface GradientOptions extends LimitBounds {
  /** How far latency may rise above its long average before the limit falls, from 1. Default 1.5. */
  readonly tolerance?: number;
  /** The share of each new limit that is taken over, 0 to 1. Default 0.2. */
  readonly smoothing?: number;
}

/** Samples are put together over so long, ms. */
const WINDOW = 250;
/** … and at least so many of them. */
const LEAST_SAMPLES = 10;
/** Windows that the long average looks back on: ten minutes. */
const LONG_WINDOWS = 2400;
/** At most this share of the limit is given up at once. */
const STEEPEST = 0.5;

interface Window {
  readonly began: number;
  samples: number;
  latencies: number;
  active: number;
  dropped: boolean;
}

/**
 * Compares latency with its long average: while they agree, the limit grows by the square root of itself; as latency
 * rises, queues are forming and the limit falls in proportion.
 * Source: Netflix concurrency-limits `Gradient2Limit` with `WindowedLimit`; Envoy's gradient controller.
 */
export class GradientLimit implements ConcurrencyLimit {
  readonly #options: GradientOptions;
  #limit: number;
  #long = 0;
  #window: Window = newWindow(0);

  constructor(options: GradientOptions = {}) {
    this.#options = options;
    this.#limit = within(options, options.initial ?? 20);
  }

  get limit(): number {
    return Math.floor(this.#limit);
  }

  sample({ latency, active, dropped, now }: LimitSample): void {
    const window = this.#window;
    window.samples++;
    window.latencies += latency;
    window.active = Math.max(window.active, active);
    window.dropped ||= dropped;
    if (now - window.began < WINDOW || window.samples < LEAST_SAMPLES) return;
    this.#window = newWindow(now);
    this.#adjust(window);
  }

  #adjust({ samples, latencies, active, dropped }: Window): void {
    const { tolerance = 1.5, smoothing = 0.2 } = this.#options;
    const short = Math.max(latencies / samples, 0.001);
    this.#learn(short);
    if (active * 2 < this.#limit && !dropped) return;
    const gradient = dropped ? STEEPEST : Math.max(STEEPEST, Math.min(1, (tolerance * this.#long) / short));
    const wanted = this.#limit * gradient + (dropped ? 0 : Math.sqrt(this.#limit));
    this.#limit = within(this.#options, this.#limit * (1 - smoothing) + wanted * smoothing);
  }

  /** After a time of high latency the long average comes down faster, so that the limit does not grow on its memory. */
  #learn(short: number): void {
    if (this.#long === 0) this.#long = short;
    else this.#long += (short - this.#long) * (2 / (LONG_WINDOWS + 1));
    if (this.#long > 2 * short) this.#long *= 0.95;
  }
}

function newWindow(began: number): Window {
  return { began, samples: 0, latencies: 0, active: 0, dropped: false };
}
