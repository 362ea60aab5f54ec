/** As the API and the table print them. */
export type HealthState = "NOT_INITIATED" | "HEALTHY" | "UNREACHABLE";

/**
 * What one probe saw. `at` is when that was known, ms. `status` is null where a connection was all that was asked for.
 * `reason` is for people: `connection refused`, `status 503`.
 */
export type ProbeResult =
  | { readonly ok: true; readonly status: number | null /** ms */; readonly latency: number; readonly at: number }
  | { readonly ok: false; readonly reason: string /** ms */; readonly latency: number; readonly at: number };

export interface Thresholds {
  /** Failures in a row before UNREACHABLE. */
  readonly failures: number;
  /** Successes in a row before HEALTHY again. */
  readonly successes: number;
}

/** A change of state, with what brought it about. */
export interface Transition {
  readonly from: HealthState;
  readonly to: HealthState;
  /** ms. */
  readonly at: number;
  /** For people: `status 503 (3 in a row)`. */
  readonly reason: string;
}

export interface HealthSnapshot {
  readonly state: HealthState;
  /** In a row, up to now. */
  readonly failures: number;
  /** In a row, up to now. */
  readonly successes: number;
  /** When a probe last succeeded, ms. */
  readonly lastHealthy: number | null;
  /** When the state last changed, ms. */
  readonly lastChange: number | null;
  /** The last twenty, newest last. */
  readonly probes: readonly ProbeResult[];
}

const KEPT_PROBES = 20;

/** How a backend stands before its first probe. */
export const UNKNOWN_HEALTH: HealthSnapshot = {
  state: "NOT_INITIATED",
  failures: 0,
  successes: 0,
  lastHealthy: null,
  lastChange: null,
  probes: [],
};

/**
 * One backend's health by its probes: thresholds in a row, as HAProxy's `fall` and `rise`; the first probe settles it at
 * once (HAProxy and caddy#6410: a state before the first check helps nobody).
 */
export class HealthRecord {
  #now: HealthSnapshot;

  /** Goes on from `known`, for example one taken before a reload. */
  constructor(known: HealthSnapshot = UNKNOWN_HEALTH) {
    this.#now = known;
  }

  get state(): HealthState {
    return this.#now.state;
  }

  /** Whether the first probe is in. */
  get settled(): boolean {
    return this.#now.state !== "NOT_INITIATED";
  }

  /** Whether the next result may change the state, so that it is worth asking sooner. */
  get inTransition(): boolean {
    const { state, failures, successes } = this.#now;
    return (state === "HEALTHY" && failures > 0) || (state === "UNREACHABLE" && successes > 0);
  }

  apply(result: ProbeResult, thresholds: Thresholds): Transition | null {
    const before = this.#now;
    const failures = result.ok ? 0 : before.failures + 1;
    const successes = result.ok ? before.successes + 1 : 0;
    const state = nextState(before.state, failures, successes, thresholds);
    const { at } = result;
    this.#now = {
      state,
      failures,
      successes,
      lastHealthy: result.ok ? at : before.lastHealthy,
      lastChange: state === before.state ? before.lastChange : at,
      probes: [...before.probes.slice(1 - KEPT_PROBES), result],
    };
    if (state === before.state) return null;
    const seen = result.ok ? told(result.status) : result.reason;
    const count = failures + successes;
    return { from: before.state, to: state, at, reason: count > 1 ? `${seen} (${count} in a row)` : seen };
  }

  /** A value that later probes do not change. */
  snapshot(): HealthSnapshot {
    return this.#now;
  }
}

function told(status: number | null): string {
  return status === null ? "connected" : `status ${status}`;
}

function nextState(state: HealthState, failures: number, successes: number, thresholds: Thresholds): HealthState {
  switch (state) {
    case "NOT_INITIATED":
      return successes > 0 ? "HEALTHY" : "UNREACHABLE";
    case "HEALTHY":
      return failures >= thresholds.failures ? "UNREACHABLE" : "HEALTHY";
    case "UNREACHABLE":
      return successes >= thresholds.successes ? "HEALTHY" : "UNREACHABLE";
  }
}
