import type { Backend, BackendId, FailureKind, LatencyQuantile, Pool, RetryBudget } from "@headgate/balancer";
import type { Listed, WaitingList } from "../waiting-list.ts";
import type { Attempt } from "./attempt.ts";
import type { Gate } from "./gate.ts";
import type { HashKey } from "./hash-key.ts";
import type { Hold } from "./hold-answer.ts";
import type { BackendConnections } from "./send-pass.ts";
import type { Sessions } from "./sessions.ts";

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
  /** An attempt ended in any other way: with the status of a whole answer, or null. `latency` is ms to its head. */
  attemptEnded(id: BackendId, status: number | null, latency: number): void;
}

/** How the config wants a pool to be used, settled. What it does not ask for is null: then it costs a look. */
export interface PoolRules {
  /** Failures that are retried; undefined for the plan's own choice. */
  readonly retryOn: ReadonlySet<FailureKind> | undefined;
  readonly retryStatuses: ReadonlySet<number> | null;
  /** Answers that are held back until they are whole. */
  readonly hold: Hold | null;
  /** ms. */
  readonly perTry: number | undefined;
  /** ms. */
  readonly total: number | undefined;
  /** What consistent hashing goes by. */
  readonly hashKey: HashKey | null;
  readonly sessions: Sessions | null;
  /** Limits, queue and circuit breaker. */
  readonly gate: Gate | null;
  /** What hedging goes by. */
  readonly latencies: LatencyQuantile | null;
  /** Whether responses' load reports are read, and taken off. */
  readonly readsLoad: boolean;
}

/** An attempt without a head yet, and the connections that it was given to. */
export interface WaitingAttempt extends Listed {
  readonly attempt: Attempt;
  readonly connections: BackendConnections;
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
  readonly rules: PoolRules;
  /** Attempts that wait for their response's head, at whichever backend. */
  readonly waiting: WaitingList<WaitingAttempt>;
  connectionsOf(backend: Backend): BackendConnections;
}
