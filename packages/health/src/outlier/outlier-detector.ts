import type { ProbeResult } from "../health-record.ts";
import type { Schedule } from "../probe-loop.ts";
import { addToStreaks, type Streaks } from "./consecutive.ts";
import { mayEject } from "./ejection-bound.ts";
import { ejectionTime } from "./ejection-time.ts";
import { type LatencyOptions, latencyOutliers } from "./latency.ts";
import { type SuccessRateOptions, successRateOutliers } from "./success-rate.ts";

export interface OutlierOptions {
  /** Gateway faults in a row that eject; null for none. Default 5. */
  readonly consecutiveFaults?: number | null;
  /** 5xx answers in a row that eject; null for none. Default null. */
  readonly consecutive5xx?: number | null;
  /** Compares success rates. Default null: not at all. */
  readonly successRate?: SuccessRateOptions | null;
  /** Compares latencies. Default null: not at all. */
  readonly latency?: LatencyOptions | null;
  /** How long the first ejection lasts, ms; the nth n times as long. Default 30 000. */
  readonly ejection?: number;
  /** The longest ejection, ms. Default 300 000. */
  readonly longest?: number;
  /** The share of the pool that may be ejected, 0 to 1; one always may, unless it is the last usable. Default 0.1. */
  readonly maxEjected?: number;
  /** Rates and latencies are compared so often, and ejection times shrink, ms. Default 10 000. */
  readonly interval?: number;
}

export type EjectionReason = "consecutive-faults" | "consecutive-5xx" | "success-rate" | "latency";

/** One ejection, as people see it. */
export interface Ejection {
  readonly reason: EjectionReason;
  /** ms. */
  readonly at: number;
  /** ms. */
  readonly until: number;
  /** 1 the first time; less one for each interval without any. */
  readonly times: number;
}

export interface OutlierPorts<Id extends string = string> {
  readonly schedule: Schedule;
  /** ms. */
  readonly now: () => number;
  readonly options: OutlierOptions;
  /** Whether a backend takes exchanges now. */
  readonly usable: (backend: Id) => boolean;
  readonly onEjected: (backend: Id, ejection: Ejection) => void;
  readonly onReadmitted: (backend: Id, reason: "time" | "check") => void;
}

interface Watched extends Streaks {
  attempts: number;
  answered: number;
  succeeded: number;
  latency: number;
  times: number;
  /** Not ejected for the whole of the interval under way. */
  calm: boolean;
  ejection: Ejection | null;
  cancel: (() => void) | null;
}

/**
 * Passive health: watches the exchanges themselves and puts a backend aside that does much worse than it should, or than
 * the others. Source: Envoy's outlier detection. Unlike there, a good check lifts a first ejection alone: if the faults
 * come back, the checks have shown that they do not see them, and time decides.
 */
export class OutlierDetector<Id extends string = string> {
  readonly #ports: OutlierPorts<Id>;
  readonly #options: Required<OutlierOptions>;
  readonly #watched = new Map<Id, Watched>();
  /** Those of which the last attempt failed. */
  readonly #failing = new Set<Watched>();
  readonly #compares: boolean;
  #ejected = 0;
  #cancelSweep: () => void;

  constructor(ports: OutlierPorts<Id>) {
    this.#ports = ports;
    this.#options = {
      consecutiveFaults: 5,
      consecutive5xx: null,
      successRate: null,
      latency: null,
      ejection: 30_000,
      longest: 300_000,
      maxEjected: 0.1,
      interval: 10_000,
      ...ports.options,
    };
    this.#compares = this.#options.successRate !== null || this.#options.latency !== null;
    this.#cancelSweep = this.#scheduleSweep();
  }

  /** Begins to watch a backend; one that is known goes on as it is. */
  add(id: Id): void {
    if (!this.#watched.has(id)) this.#watched.set(id, { ...ZERO, times: 0, calm: true, ejection: null, cancel: null });
  }

  remove(id: Id): void {
    const watched = this.#watched.get(id);
    if (watched === undefined) return;
    this.#forget(watched);
    this.#failing.delete(watched);
    this.#watched.delete(id);
  }

  /** The ejection a backend is under, or null. */
  ejection(id: Id): Ejection | null {
    return this.#watched.get(id)?.ejection ?? null;
  }

  /** An attempt ended: with `status`, or null for no answer, after `latency` ms. */
  record(id: Id, status: number | null, latency: number): void {
    // A good answer ends a streak, where there is one: nearly never, and then nothing of the backend need be looked up.
    if (!this.#compares && this.#failing.size === 0 && status !== null && status < 500) return;
    const watched = this.#watched.get(id);
    if (watched === undefined) return;
    watched.attempts++;
    if (status !== null) {
      watched.answered++;
      watched.latency += latency;
      if (status < 500) watched.succeeded++;
    }
    const reason = addToStreaks(watched, status, this.#options);
    if (watched.fives > 0) this.#failing.add(watched);
    else this.#failing.delete(watched);
    if (reason !== null) this.#eject(id, watched, reason);
  }

  /** A check of a backend ended: a good one that began after a first ejection lifts it. */
  checked(id: Id, result: ProbeResult): void {
    const watched = this.#watched.get(id);
    if (watched === undefined || watched.ejection === null || !result.ok) return;
    const { times, at } = watched.ejection;
    if (times === 1 && result.at - result.latency >= at) this.#readmit(id, watched, "check");
  }

  /** Ends for good. */
  stop(): void {
    this.#cancelSweep();
    for (const id of [...this.#watched.keys()]) this.remove(id);
  }

  #eject(id: Id, watched: Watched, reason: EjectionReason): void {
    if (watched.ejection !== null || !this.#mayEject(id)) return;
    const { now, schedule, onEjected } = this.#ports;
    const at = now();
    watched.times++;
    watched.calm = false;
    const duration = ejectionTime(watched.times, this.#options);
    watched.ejection = { reason, at, until: at + duration, times: watched.times };
    watched.cancel = schedule(() => this.#readmit(id, watched, "time"), duration);
    this.#ejected++;
    onEjected(id, watched.ejection);
  }

  #readmit(id: Id, watched: Watched, reason: "time" | "check"): void {
    this.#forget(watched);
    Object.assign(watched, ZERO);
    this.#failing.delete(watched);
    this.#ports.onReadmitted(id, reason);
  }

  #forget(watched: Watched): void {
    if (watched.ejection === null) return;
    watched.cancel?.();
    watched.ejection = null;
    this.#ejected--;
  }

  /** Within the share, and not the last that is usable: without panic mode nothing would be left to choose. */
  #mayEject(id: Id): boolean {
    if (!mayEject(this.#ejected, this.#watched.size, this.#options.maxEjected)) return false;
    for (const [other, { ejection }] of this.#watched) {
      if (other !== id && ejection === null && this.#ports.usable(other)) return true;
    }
    return false;
  }

  #scheduleSweep(): () => void {
    return this.#ports.schedule(() => {
      this.#sweep();
      this.#cancelSweep = this.#scheduleSweep();
    }, this.#options.interval);
  }

  /** Compares the interval's figures, and begins another. */
  #sweep(): void {
    const { successRate, latency } = this.#options;
    const samples = [...this.#watched].map(([id, watched]) => ({ id, ...watched }));
    const slow = latency === null ? [] : latencyOutliers(samples.map(latencySample), latency);
    const failing = successRate === null ? [] : successRateOutliers(samples, successRate);
    for (const watched of this.#watched.values()) {
      watched.attempts = watched.answered = watched.succeeded = watched.latency = 0;
      if (watched.calm && watched.times > 0) watched.times--;
      watched.calm = watched.ejection === null;
    }
    for (const id of failing) this.#ejectOutlier(id, "success-rate");
    for (const id of slow) this.#ejectOutlier(id, "latency");
  }

  #ejectOutlier(id: Id, reason: EjectionReason): void {
    const watched = this.#watched.get(id);
    if (watched !== undefined) this.#eject(id, watched, reason);
  }
}

const ZERO = { faults: 0, fives: 0, attempts: 0, answered: 0, succeeded: 0, latency: 0 };

function latencySample<Id>({ id, answered, latency }: { id: Id; answered: number; latency: number }): {
  readonly id: Id;
  readonly attempts: number;
  readonly latency: number;
} {
  return { id, attempts: answered, latency: answered === 0 ? 0 : latency / answered };
}
