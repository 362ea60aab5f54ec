import type { HealthState, ProbeResult } from "@headgate/health";

/** One backend as the admin API and the status table show it. */
export interface BackendStatus {
  /** `host:port`: a backend's identity within its pool. */
  readonly id: string;
  readonly url: string;
  readonly pool: string;
  readonly state: HealthState;
  readonly draining: boolean;
  readonly ejected: boolean;
  /** Failed probes in a row. */
  readonly failures: number;
  /** Wall-clock ms of the last good probe; null if there never was one. */
  readonly lastHealthy: number | null;
  /** Attempts in flight. */
  readonly active: number;
  readonly weight: number;
  /** Where it came from: the config file or the admin API. */
  readonly origin: "config" | "admin";
  /** The last twenty probes, newest last. */
  readonly probes: readonly ProbeResult[];
}

export interface PoolStatus {
  readonly name: string;
  readonly balancing: string;
  readonly backends: readonly BackendStatus[];
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
  /** Adds a backend, or updates the weight of one that the admin API added before; it is probed at once. */
  addBackend(pool: string, backend: { readonly url: string; readonly weight?: number }): BackendStatus;
  /** Takes a backend out of its pool now; exchanges that run on it finish. */
  removeBackend(pool: string, id: string): void;
  /** No new exchanges for the backend; those that run finish. */
  drainBackend(pool: string, id: string): BackendStatus;
  /** Ends a drain. */
  enableBackend(pool: string, id: string): BackendStatus;
  readiness(): Readiness;
  /** The effective config with secrets redacted, as a plain object. */
  effectiveConfig(): unknown;
  /** The error of the last refused reload; null if the running config is the file's. */
  reloadError(): string | null;
}
