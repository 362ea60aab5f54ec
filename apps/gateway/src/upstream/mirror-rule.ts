import type { UpstreamPool } from "./upstream-pool.ts";

/** How a route's requests are copied to another pool. */
export interface MirrorRule {
  readonly pool: UpstreamPool;
  /** Share of the requests, 0 to 1. */
  readonly share: number;
  /** How long a copy may take, its answer's body included; ms. */
  readonly timeout: number;
  /** Copies on their way to the pool at once. */
  readonly limit: number;
}
