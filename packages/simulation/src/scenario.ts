import type {
  BackendOptions,
  BreakerOptions,
  ConcurrencyLimit,
  FailureKind,
  PoolOptions,
  RetryBudgetOptions,
} from "@headgate/balancer";
import type { CheckerOptions, OutlierOptions } from "@headgate/health";
import type { Arrivals } from "./arrivals.ts";
import type { Keys } from "./keys.ts";
import type { ServerOptions } from "./server.ts";
import type { ServiceTime } from "./service-time.ts";

/** A backend: what the pool knows of it, and how it really is. */
export interface SimulatedBackend extends BackendOptions, ServerOptions {}

/** The pool around the policy. */
export interface PoolSettings {
  readonly options: PoolOptions;
  /** A new limit of attempts in flight for each run; null for none. */
  readonly limit: (() => ConcurrencyLimit) | null;
  /** Who waits for room below the limits, and how long, ms. */
  readonly queue: { readonly capacity: number; readonly maxWait: number };
  readonly retries: {
    /** Further attempts after the first. */
    readonly count: number;
    readonly on?: ReadonlySet<FailureKind> | undefined;
    /** Statuses that are tried again. */
    readonly statuses: ReadonlySet<number>;
    readonly budget: RetryBudgetOptions;
  };
  readonly hedging: boolean;
  readonly breaker: BreakerOptions | null;
  /** Active checks; null for none. */
  readonly health: CheckerOptions | null;
  /** Passive health; null for none. */
  readonly outlier: OutlierOptions | null;
  /** ms. */
  readonly timeouts: {
    readonly head: number;
    readonly perTry?: number | undefined;
    readonly total?: number | undefined;
  };
}

/** One load over one pool: the same for every policy that is tried on it. */
export interface Scenario {
  /** The same seed gives the same run. */
  readonly seed: number;
  readonly arrivals: Arrivals;
  readonly service: ServiceTime;
  readonly keys: Keys;
  readonly backends: readonly SimulatedBackend[];
  readonly pool: PoolSettings;
}
