import { SlidingWindow } from "../sliding-window.ts";

export interface RetryBudgetOptions {
  /** Retries and hedges per exchange of the window, 0 to 1. Default 0.2. */
  readonly share?: number;
  /** Length of the window, ms. Default 10 000. */
  readonly window?: number;
  /** Retries per second that are always allowed, so that a quiet pool can fail over. Default 10. */
  readonly minPerSecond?: number;
}

/**
 * What a pool may spend on retries and hedges together: 20 % of the exchanges of the last ten seconds plus ten a second.
 * Source: Finagle `RetryBudget`; Envoy's 20 % counts those in flight instead, which refuses the burst of failovers
 * when a backend with many exchanges stops.
 */
export class RetryBudget {
  readonly #share: number;
  readonly #reserve: number;
  readonly #exchanges: SlidingWindow;
  readonly #spent: SlidingWindow;

  constructor({ share = 0.2, window = 10_000, minPerSecond = 10 }: RetryBudgetOptions = {}) {
    this.#share = share;
    this.#reserve = (minPerSecond * window) / 1000;
    this.#exchanges = new SlidingWindow(window);
    this.#spent = new SlidingWindow(window);
  }

  /** An exchange began: its first attempt earns a share of a retry. */
  deposit(now: number): void {
    this.#exchanges.add(now);
  }

  /** How many retries are left now. */
  left(now: number): number {
    const earned = this.#share * this.#exchanges.total(now) + this.#reserve;
    return Math.max(0, Math.floor(earned - this.#spent.total(now) + 1e-9));
  }

  /** Takes one retry if one is left. */
  take(now: number): boolean {
    if (this.left(now) < 1) return false;
    this.#spent.add(now);
    return true;
  }
}
