import type { LoadReport } from "@headgate/balancer";
import type { EjectionReason, HealthState, ProbeResult } from "@headgate/health";
import type { DiscoveryStatus } from "./discovery/pool-discovery.ts";

/** Why and until when outlier detection has put a backend aside. Times are wall-clock ms. */
export interface EjectionStatus {
  readonly reason: EjectionReason;
  readonly at: number;
  readonly until: number;
  /** 1 the first time; less one for each interval without any. */
  readonly times: number;
}

/** One backend as the admin API and the status table show it. */
export interface BackendStatus {
  /** `host:port`: a backend's identity within its pool. */
  readonly id: string;
  readonly url: string;
  readonly pool: string;
  readonly state: HealthState;
  readonly draining: boolean;
  /** Wall-clock ms at which what is left of a draining backend's exchanges and sessions ends; null while it does not drain. */
  readonly drainUntil: number | null;
  /** Put aside: for the reason in `ejection`, or where that is null because it refused a connection. */
  readonly ejected: boolean;
  readonly ejection: EjectionStatus | null;
  /** Failed probes in a row. */
  readonly failures: number;
  /** Wall-clock ms of the last good probe; null if there never was one. */
  readonly lastHealthy: number | null;
  /** Attempts in flight. */
  readonly active: number;
  readonly weight: number;
  /** What it counts for now: less while it ramps up. */
  readonly effectiveWeight: number;
  /** Peak-sensitive average of its latency, ms; null where no policy has learnt it. */
  readonly latency: number | null;
  /** 0 is used first. */
  readonly priority: number;
  readonly zone: string | null;
  /** What it last told of its load; null if it never did. */
  readonly load: LoadReport | null;
  /** Where it came from: the config file, its file of backends, DNS, or the admin API. */
  readonly origin: "config" | "file" | "dns" | "admin";
  /** Wall-clock ms at which it leaves unless its lease is renewed; null where it has none. */
  readonly leaseUntil: number | null;
  /** The last twenty probes, newest last. */
  readonly probes: readonly ProbeResult[];
}

export interface PoolStatus {
  readonly name: string;
  /** The policy's name. */
  readonly balancing: string;
  /** The policy's parameters, as the config has them. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** The cookie of sticky sessions; null without. */
  readonly sticky: string | null;
  /** How many backends of each priority and zone are used together; null for all. */
  readonly subset: number | null;
  /** Retries and hedges that the budget has left. */
  readonly budgetLeft: number;
  /** Attempts in flight. */
  readonly active: number;
  /** Attempts in flight at most, as the limit stands now; null for any number. */
  readonly limit: number | null;
  /** Requests that wait for room. */
  readonly waiting: number;
  /** State of the circuit breaker; null where there is none. */
  readonly breaker: "closed" | "open" | "half-open" | null;
  /** Too few backends are usable, so all are used. */
  readonly panic: boolean;
  /** How what finds its backends is doing; empty where the config has no `discovery`. */
  readonly discovery: readonly DiscoveryStatus[];
  readonly backends: readonly BackendStatus[];
}

/** What the admin API says of a backend. */
export interface NewBackend {
  readonly url: string;
  /** Default 1. */
  readonly weight?: number | undefined;
  /** ms, 1 s to 1 h. Default: for good. */
  readonly lease?: number | undefined;
}

/** Whether the gateway should get traffic, and if not, why not: one sentence a reason. */
export interface Readiness {
  readonly ready: boolean;
  readonly reasons: readonly string[];
}

/**
 * What the admin API, the terminal table and the command line may ask of a running gateway.
 * Methods that change something throw `UserError` for an unknown pool or backend, a bad URL or a duplicate.
 */
export interface ControlPlane {
  pools(): readonly PoolStatus[];
  /**
   * Adds a backend, or updates the weight of one that the admin API added before; it is probed at once. With a lease it
   * leaves so many ms after the last such call.
   */
  addBackend(pool: string, backend: NewBackend): BackendStatus;
  /** Takes a backend out of its pool now; exchanges that run on it finish. */
  removeBackend(pool: string, id: string): void;
  /**
   * No new exchanges for the backend but those of its sessions; those that run finish. What is left after `ms` (by default
   * the pool's `drain`) is broken off and handed over.
   */
  drainBackend(pool: string, id: string, ms?: number): BackendStatus;
  /** Ends a drain. */
  enableBackend(pool: string, id: string): BackendStatus;
  readiness(): Readiness;
  /** The effective config with secrets redacted, as a plain object. */
  effectiveConfig(): unknown;
  /** The error of the last refused reload; null if the running config is the file's. */
  reloadError(): string | null;
}
