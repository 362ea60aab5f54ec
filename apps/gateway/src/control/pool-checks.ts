import { isDeepStrictEqual } from "node:util";
import type { BackendId, Pool } from "@headgate/balancer";
import {
  type CheckerOptions,
  type Ejection,
  HealthChecker,
  type HealthSnapshot,
  type ProbeResult,
  type Transition,
} from "@headgate/health";
import type { PoolHealth } from "../upstream/upstream-pool.ts";
import type { PoolConfig } from "./connection-options.ts";
import type { ControlTime } from "./control-time.ts";
import type { PoolEventSink } from "./pool-event.ts";
import { PoolOutliers } from "./pool-outliers.ts";

export interface PoolChecksPorts {
  readonly balancer: Pool;
  readonly probe: (backend: BackendId, signal: AbortSignal) => Promise<ProbeResult>;
  readonly time: ControlTime;
  readonly onEvent: PoolEventSink;
  /** A backend's checks have found it UNREACHABLE. */
  readonly onUnreachable: (backend: BackendId) => void;
  /** A backend takes exchanges again, or no longer. */
  readonly onChange: () => void;
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
 * The health of one pool's backends: active checks, refusals and outliers, and the balancer's flags by what they say. Times
 * of its snapshots are of the monotonic clock, so that a clock that is set does not delay a probe.
 */
export class PoolChecks implements PoolHealth {
  readonly #ports: PoolChecksPorts;
  readonly #ids = new Set<BackendId>();
  readonly #outliers: PoolOutliers;
  #options: CheckerOptions | null = null;
  #checker: HealthChecker<BackendId> | null = null;
  /** What was known when the checks were stopped. */
  #last: ReadonlyMap<BackendId, HealthSnapshot> = new Map();
  #waiting: (() => void)[] = [];
  /** `gathering` begins with the first backend, and ends once. */
  #phase: "new" | "gathering" | "serving" = "new";
  /** The backends are still being looked for. */
  #expecting = false;
  #giveUp: (() => void) | null = null;

  constructor(ports: PoolChecksPorts) {
    const { balancer, time } = ports;
    this.#ports = ports;
    this.#outliers = new PoolOutliers({
      time,
      usable: (id) => balancer.get(id)?.usable === true,
      eject: (id) => this.#hold(id, true),
      readmit: (id) => this.#hold(id, false),
    });
  }

  /** Checks by the config's `health` and `outlier` from now on. What is known of the backends stays. */
  configure({ health, outlier }: Pick<PoolConfig, "health" | "outlier">): void {
    this.#outliers.configure(outlier);
    const options = health === false ? null : checkerOptions(health);
    if (isDeepStrictEqual(options, this.#options)) return;
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

  /** Whether more backends are to be waited for, as long as there is none; or no longer. */
  expect(expecting: boolean): void {
    this.#expecting = expecting;
    this.#wakeIfUseful();
  }

  add(id: BackendId): void {
    if (this.#phase === "new") this.#phase = "gathering";
    this.#ids.add(id);
    this.#outliers.add(id);
    this.#begin(id, undefined);
    this.#wakeIfUseful();
  }

  remove(id: BackendId): void {
    this.#ids.delete(id);
    this.#outliers.remove(id);
    this.#checker?.remove(id);
    this.#wakeIfUseful();
  }

  /** Ends the checks for good; what they found stays. */
  stop(): void {
    this.#last = this.#checker?.export() ?? this.#last;
    this.#checker?.stop();
    this.#outliers.stop();
    this.#checker = null;
    this.#expecting = false;
    this.#ids.clear();
    this.#wakeIfUseful();
  }

  snapshot(id: BackendId): HealthSnapshot {
    return this.#checker?.snapshot(id) ?? this.#last.get(id) ?? UNCHECKED;
  }

  /** The ejection that outlier detection has a backend under. */
  ejection(id: BackendId): Ejection | null {
    return this.#outliers.ejection(id);
  }

  get settled(): boolean {
    const checker = this.#checker;
    if (this.#expecting) return false;
    return checker === null || [...this.#ids].every((id) => checker.settled(id));
  }

  get gathering(): boolean {
    return this.#phase === "gathering" || (this.#phase === "new" && this.#expecting);
  }

  whenSettled(): Promise<void> {
    if (this.#useful) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Checks put it aside until a good one. Without them only time can take a backend back, so one fault is not enough. */
  reportRefused(id: BackendId): void {
    if (this.#checker === null) this.#outliers.record(id, null, 0);
    else this.#checker.reportRefused(id);
  }

  attemptEnded(id: BackendId, status: number | null, latency: number): void {
    this.#outliers.record(id, status, latency);
  }

  #createChecker(options: CheckerOptions): HealthChecker<BackendId> {
    const { probe, time } = this.#ports;
    return new HealthChecker<BackendId>({
      ...{ probe, options, schedule: time.schedule, now: time.clock.tick, random: time.random },
      onTransition: (id, transition) => this.#moved(id, transition),
      onResult: (id, result) => this.#outliers.checked(id, result),
      onEjected: (id, ejected) => this.#setEjected(id, ejected),
    });
  }

  #moved(id: BackendId, { from, to, reason }: Transition): void {
    const { balancer, onEvent, onUnreachable } = this.#ports;
    balancer.setAvailable(id, to === "HEALTHY");
    onEvent({ pool: balancer.name, backend: id, kind: "state", from, to, reason });
    this.#changed();
    if (to === "UNREACHABLE") onUnreachable(id);
  }

  /** EJECTED has one owner: the checker, where there is one. */
  #hold(id: BackendId, held: boolean): void {
    if (this.#checker === null) this.#setEjected(id, held);
    else if (held) this.#checker.eject(id);
    else this.#checker.readmit(id);
  }

  #setEjected(id: BackendId, ejected: boolean): void {
    const { balancer, onEvent } = this.#ports;
    if (balancer.get(id)?.ejected === ejected) return;
    balancer.setEjected(id, ejected);
    const backend = { pool: balancer.name, backend: id };
    if (ejected) onEvent({ ...backend, kind: "ejected", reason: this.ejection(id)?.reason ?? "refused" });
    else onEvent({ ...backend, kind: "readmitted" });
    this.#changed();
  }

  #begin(id: BackendId, known: HealthSnapshot | undefined): void {
    if (this.#checker === null) this.#ports.balancer.setAvailable(id, true);
    else this.#checker.add(id, known);
  }

  /** A new checker knows nothing of it: tell it, or lift the flag where nothing takes the backend back any more. */
  #takeOverEjection(id: BackendId): void {
    if (this.ejection(id) !== null) this.#hold(id, true);
    else if (this.#checker === null) this.#setEjected(id, false);
    else this.#checker.reportRefused(id);
  }

  #changed(): void {
    this.#wakeIfUseful();
    this.#ports.onChange();
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

export function checkerOptions(health: Exclude<PoolConfig["health"], false>): CheckerOptions {
  const { interval, transitionInterval, timeout, failures, successes } = health;
  return { interval, transitionInterval, timeout, failures, successes };
}
