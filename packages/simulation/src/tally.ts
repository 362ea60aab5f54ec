import type { Backend } from "@headgate/balancer";

/** What became of the load under one policy. */
export interface Outcome {
  readonly exchanges: number;
  /** Exchanges that ended without an answer, or with one of 500 and above. */
  readonly failed: number;
  readonly attempts: number;
  readonly retries: number;
  readonly hedges: number;
  /** From the arrival to the head of a good answer, ms; NaN where there was none. */
  readonly latency: { readonly mean: number; readonly p50: number; readonly p99: number; readonly max: number };
  /** The most attempts that one backend got for its weight, over the mean: 1 is even. */
  readonly imbalance: number;
  /** The most attempts that one backend had in flight. */
  readonly mostActive: number;
  /** The most backends that outlier detection held ejected at once. */
  readonly mostEjected: number;
  /** Attempts by backend. */
  readonly perBackend: ReadonlyMap<string, number>;
  /** Why exchanges failed: a status, a kind of failure, or why no backend was chosen; how often. */
  readonly failures: ReadonlyMap<string, number>;
}

/** Sees each attempt as it goes to its backend; `at` is in ms of virtual time. */
export type Watch = (backend: Backend, at: number) => void;

/** Counts one run. */
export class Tally {
  readonly #latencies: number[] = [];
  readonly #attempts = new Map<Backend, number>();
  readonly #failures = new Map<string, number>();
  #exchanges = 0;
  #mostActive = 0;
  #mostEjected = 0;
  readonly #watch: Watch | undefined;
  retries = 0;
  hedges = 0;

  constructor(watch?: Watch) {
    this.#watch = watch;
  }

  attempt(backend: Backend, now: number): void {
    this.#watch?.(backend, now);
    this.#attempts.set(backend, (this.#attempts.get(backend) ?? 0) + 1);
    this.#mostActive = Math.max(this.#mostActive, backend.active);
  }

  ejected(now: number): void {
    this.#mostEjected = Math.max(this.#mostEjected, now);
  }

  answered(latency: number): void {
    this.#exchanges++;
    this.#latencies.push(latency);
  }

  failed(why: string): void {
    this.#exchanges++;
    this.#failures.set(why, (this.#failures.get(why) ?? 0) + 1);
  }

  outcome(backends: readonly Backend[]): Outcome {
    const counts = backends.map((backend) => this.#attempts.get(backend) ?? 0);
    const weights = backends.map(({ weight }) => weight);
    return {
      exchanges: this.#exchanges,
      failed: this.#exchanges - this.#latencies.length,
      attempts: sum(counts),
      retries: this.retries,
      hedges: this.hedges,
      latency: summary(Float64Array.from(this.#latencies).sort()),
      imbalance: imbalance(counts, weights),
      mostActive: this.#mostActive,
      mostEjected: this.#mostEjected,
      perBackend: new Map(backends.map(({ id }, index) => [id, counts[index] ?? 0])),
      failures: this.#failures,
    };
  }
}

function summary(sorted: Float64Array): Outcome["latency"] {
  const at = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN;
  return { mean: sum(sorted) / sorted.length, p50: at(0.5), p99: at(0.99), max: at(1) };
}

function imbalance(counts: readonly number[], weights: readonly number[]): number {
  const mean = sum(counts) / sum(weights);
  return counts.reduce((most, count, index) => Math.max(most, count / (weights[index] ?? 1) / mean), 0);
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
