import type { Backend, BackendId, Pool, RetryBudget } from "@headgate/balancer";
import type { BackendConnections } from "./send-pass.ts";

/** What the data plane tells and asks the health checks of a pool. */
export interface PoolHealth {
  /** Whether every backend's first probe is in. */
  readonly settled: boolean;
  /** The pool is new, and its first probes are still coming in: a choice now would be among too few. */
  readonly gathering: boolean;
  /**
   * Resolves when all first probes are in or, where some are long in coming, when a backend is available: of a new pool
   * half a second later, so that its first requests are spread over all its backends.
   */
  whenSettled(): Promise<void>;
  /** A connection was refused: the backend is put aside (EJECTED) until its next good probe. */
  reportRefused(id: BackendId): void;
}

/**
 * A pool as the data plane uses it. The control plane makes it, keeps it over reloads while its backends stay,
 * and is the only one that changes its membership.
 */
export interface UpstreamPool {
  readonly name: string;
  /** Further attempts that one request may get. */
  readonly retries: number;
  readonly balancer: Pool;
  readonly budget: RetryBudget;
  readonly health: PoolHealth;
  connectionsOf(backend: Backend): BackendConnections;
}
