import type { BackendId, Pool } from "@headgate/balancer";
import { type CheckerOptions, HealthChecker, type HealthSnapshot, type ProbeResult } from "@headgate/health";
import type { PoolHealth } from "../upstream/upstream-pool.ts";
import type { ControlTime } from "./control-time.ts";
import type { PoolEventSink } from "./pool-event.ts";

export interface PoolChecksPorts {
  readonly balancer: Pool;
  readonly probe: (backend: BackendId, signal: AbortSignal) => Promise<ProbeResult>;
  readonly time: ControlTime;
  readonly onEvent: PoolEventSink;
}

/** How much longer than the first good check of a new pool the others are waited for, ms. */
const GATHER = 500;

/** A backend that is not checked counts as healthy. */
const UNCHECKED: HealthSnapshot = {
  state: "HEALTHY",
  failures: 0,
  successes: 0,
  lastHealthy: null,
  lastChange: null,
  probes: [],
};

/**
 * The active checks of one pool: probes its backends and keeps the balancer's flags by what they say. Times of its
 * snapshots are of the monotonic clock, so that a clock that is set does not delay a probe.
 */
export class PoolChecks implements PoolHealth {
  readonly #ports: PoolChecksPorts;
  readonly #ids = new Set<BackendId>();
  #options: CheckerOptions | null = null;
  #checker: HealthChecker<BackendId> | null = null;
  /** What was known when the checks were stopped. */
  #last: ReadonlyMap<BackendId, HealthSnapshot> = new Map();
  #waiting: (() => void)[] = [];
  /** `gathering` begins with the first backend, and ends once. */
  #phase: "new" | "gathering" | "serving" = "new";
  #giveUp: (() => void) | null = null;

  constructor(ports: PoolChecksPorts) {
    this.#ports = ports;
  }

  /** Checks by `options` from now on, null for not at all. What is known of the backends stays. */
  configure(options: CheckerOptions | null): void {
    if (sameOptions(options, this.#options)) return;
    const before = this.#checker;
    this.#options = options;
    this.#checker = options === null ? null : this.#createChecker(options);
    for (const id of this.#ids) {
      this.#begin(id, before?.snapshot(id));
      if (before?.ejected(id) === true) this.#takeOverEjection(id);
    }
    before?.stop();
    this.#wakeIfUseful();
  }

  add(id: BackendId): void {
    if (this.#phase === "new") this.#phase = "gathering";
    this.#ids.add(id);
    this.#begin(id, undefined);
    this.#wakeIfUseful();
  }

  remove(id: BackendId): void {
    this.#ids.delete(id);
    this.#checker?.remove(id);
    this.#wakeIfUseful();
  }

  /** Ends the checks for good; what they found stays. */
  stop(): void {
    this.#last = this.#checker?.export() ?? this.#last;
    this.#checker?.stop();
    this.#checker = null;
    this.#ids.clear();
    this.#wakeIfUseful();
  }

  snapshot(id: BackendId): HealthSnapshot {
    return this.#checker?.snapshot(id) ?? this.#last.get(id) ?? UNCHECKED;
  }

  get settled(): boolean {
    const checker = this.#checker;
    return checker === null || [...this.#ids].every((id) => checker.settled(id));
  }

  get gathering(): boolean {
    return this.#phase === "gathering";
  }

  whenSettled(): Promise<void> {
    if (this.#useful) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Without checks nothing could take the backend back, so it stays: retries go past it. */
  reportRefused(id: BackendId): void {
    this.#checker?.reportRefused(id);
  }

  #createChecker(options: CheckerOptions): HealthChecker<BackendId> {
    const { balancer, probe, time, onEvent } = this.#ports;
    const pool = balancer.name;
    return new HealthChecker<BackendId>({
      probe,
      schedule: time.schedule,
      now: time.clock.tick,
      random: time.random,
      options,
      onTransition: (id, { from, to, reason }) => {
        balancer.setAvailable(id, to === "HEALTHY");
        onEvent({ pool, backend: id, kind: "state", from, to, reason });
        this.#wakeIfUseful();
      },
      onEjected: (id, ejected) => {
        if (balancer.get(id)?.ejected === ejected) return;
        balancer.setEjected(id, ejected);
        onEvent({ pool, backend: id, kind: ejected ? "ejected" : "readmitted" });
        this.#wakeIfUseful();
      },
    });
  }

  #begin(id: BackendId, known: HealthSnapshot | undefined): void {
    if (this.#checker === null) this.#ports.balancer.setAvailable(id, true);
    else this.#checker.add(id, known);
  }

  /** A new checker knows nothing of the refusal: tell it, or lift the flag where nothing checks any more. */
  #takeOverEjection(id: BackendId): void {
    if (this.#checker === null) this.#ports.balancer.setEjected(id, false);
    else this.#checker.reportRefused(id);
  }

  /** Whether a choice can be made: by all first checks, or without those that are long in coming. */
  get #useful(): boolean {
    return this.settled || (this.#phase !== "gathering" && this.#ports.balancer.usable);
  }

  #wakeIfUseful(): void {
    this.#gather();
    if (this.#waiting.length === 0 || !this.#useful) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }

  /** Were the first good backend used at once, all that waited would go to it. */
  #gather(): void {
    if (this.#phase !== "gathering") return;
    const { balancer, time } = this.#ports;
    if (this.settled) this.#serve();
    else if (balancer.usable) this.#giveUp ??= time.schedule(() => this.#serve(), GATHER);
  }

  #serve(): void {
    this.#phase = "serving";
    this.#giveUp?.();
    this.#wakeIfUseful();
  }
}

function sameOptions(a: CheckerOptions | null, b: CheckerOptions | null): boolean {
  if (a === null || b === null) return a === b;
  return (
    a.interval === b.interval && a.timeout === b.timeout && a.failures === b.failures && a.successes === b.successes
  );
}
