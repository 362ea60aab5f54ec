/** How long a peak takes to decay to 1/e, ms. */
const DECAY = 10_000;
/** What a failed attempt counts as at least, ms, so that fast failures do not look fast. */
const FAILURE_COST = 1000;

/**
 * Peak-sensitive moving average of a backend's latency, ms: a value above it replaces it at once, one below pulls it
 * down over ten seconds, and it fades while nothing comes, so that a slow backend is tried again.
 * Source: Finagle `PeakEwma`, linkerd2-proxy `tower-balance`; the floor for failures is ours.
 */
export class PeakLatency {
  #cost = 0;
  #at = 0;

  observe(latency: number, failed: boolean, now: number): void {
    const seen = failed ? Math.max(latency, FAILURE_COST) : latency;
    const keep = Math.exp(-Math.max(0, now - this.#at) / DECAY);
    const faded = this.#cost * keep;
    this.#cost = seen > faded ? seen : faded + seen * (1 - keep);
    this.#at = Math.max(now, this.#at);
  }

  /** The average as it stands at `now`, ms; 0 while there is no history. */
  at(now: number): number {
    return this.#cost === 0 ? 0 : this.#cost * Math.exp(-Math.max(0, now - this.#at) / DECAY);
  }
}
