import type { Backend, BackendId, Pool, RetryBudget } from "@headgate/balancer";
import type { BackendConnections } from "./send-pass.ts";

/** What the data plane tells and asks the health checks of a pool. */
export interface PoolHealth {
  /** Whether every backend's first probe is in. */
  readonly settled: boolean;
  /** Resolves when a backend becomes available or all first probes are in, whichever is first. */
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
