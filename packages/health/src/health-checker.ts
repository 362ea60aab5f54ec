import {
  HealthRecord,
  type HealthSnapshot,
  type ProbeResult,
  type Thresholds,
  type Transition,
} from "./health-record.ts";
import { type LoopOptions, ProbeLoop, type Schedule } from "./probe-loop.ts";

export interface CheckerOptions extends LoopOptions, Thresholds {}

export interface CheckerPorts<Id extends string = string> {
  /** Asks one backend; a rejection counts as failure. `signal` aborts at the time-out and when the backend leaves. */
  readonly probe: (backend: Id, signal: AbortSignal) => Promise<ProbeResult>;
  readonly schedule: Schedule;
  /** ms. */
  readonly now: () => number;
  /** 0 (included) to 1 (excluded). */
  readonly random: () => number;
  readonly options: CheckerOptions;
  /** The state changed; the first probe always changes it. */
  readonly onTransition?: (backend: Id, transition: Transition) => void;
  readonly onResult?: (backend: Id, result: ProbeResult, snapshot: HealthSnapshot) => void;
  /** The flag EJECTED was set or lifted. */
  readonly onEjected?: (backend: Id, ejected: boolean) => void;
}

interface Target {
  readonly record: HealthRecord;
  readonly loop: ProbeLoop;
  /** A connection was refused after the probe of this ordinal began; null when none was, or a later probe was good. */
  refusedAfter: number | null;
  /** Held aside by `eject`. */
  held: boolean;
}

/** So many first probes begin at once: a small pool is settled as soon as its backends answer. */
const BURST = 32;
/** Those after them are spread over this share of the interval, so that a big pool is settled within one … */
const SPREAD = 0.6;
/** … but over no longer than this, ms, since requests may be waiting. */
const LONGEST_SPREAD = 600;
/** The golden ratio: its first n multiples, modulo 1, lie evenly for any n (Weyl; Knuth, TAOCP 6.4). */
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/** Keeps the health of a set of backends by probing each of them. */
export class HealthChecker<Id extends string = string> {
  readonly #ports: CheckerPorts<Id>;
  readonly #targets = new Map<Id, Target>();
  /** How many await their first probe. */
  #unsettled = 0;
  #waiting: (() => void)[] = [];

  constructor(ports: CheckerPorts<Id>) {
    this.#ports = ports;
  }

  /**
   * Begins to check a backend, at once where few wait for their first probe, else within 0.6 of an interval; one that is
   * known already goes on as it is. With `known`, from an earlier
   * checker's `export`, it goes on from there and is probed within an interval.
   */
  add(id: Id, known?: HealthSnapshot): void {
    if (this.#targets.has(id)) return;
    const record = new HealthRecord(known);
    const target = { record, loop: this.#loop(id, record), refusedAfter: null, held: false };
    this.#targets.set(id, target);
    if (record.settled) target.loop.resume();
    else target.loop.start(firstDelay(++this.#unsettled, this.#ports.options.interval));
  }

  /** Forgets a backend; what a probe under way still says is ignored. */
  remove(id: Id): void {
    const target = this.#targets.get(id);
    if (target === undefined) return;
    target.loop.stop();
    this.#targets.delete(id);
    if (!target.record.settled) this.#unsettled--;
    this.#wakeIfSettled();
  }

  /**
   * A connection was refused: the backend is EJECTED until a probe that begins from now on is good, and is probed soon.
   * Its state still follows the thresholds.
   */
  reportRefused(id: Id): void {
    const target = this.#targets.get(id);
    if (target === undefined) return;
    const fresh = target.refusedAfter === null;
    this.#flag(id, target, () => {
      target.refusedAfter = target.loop.begun;
    });
    if (fresh) target.loop.soon();
  }

  /** Sets EJECTED on the word of outlier detection, until `readmit`. */
  eject(id: Id): void {
    this.#hold(id, true);
  }

  /** Lifts what `eject` set. */
  readmit(id: Id): void {
    this.#hold(id, false);
  }

  ejected(id: Id): boolean {
    const target = this.#targets.get(id);
    return target !== undefined && isEjected(target);
  }

  /** Whether the backend's first probe is in. */
  settled(id: Id): boolean {
    return this.#targets.get(id)?.record.settled ?? false;
  }

  /** When the first probe of every backend is in. */
  whenSettled(): Promise<void> {
    if (this.#unsettled === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  snapshot(id: Id): HealthSnapshot | undefined {
    return this.#targets.get(id)?.record.snapshot();
  }

  /** Every backend's health, for `add` of another checker. */
  export(): ReadonlyMap<Id, HealthSnapshot> {
    return new Map([...this.#targets].map(([id, { record }]) => [id, record.snapshot()]));
  }

  /** Ends all probing for good. */
  stop(): void {
    for (const { loop } of this.#targets.values()) loop.stop();
    this.#targets.clear();
    this.#unsettled = 0;
    this.#wakeIfSettled();
  }

  #loop(id: Id, record: HealthRecord): ProbeLoop {
    const { probe, schedule, now, random, options } = this.#ports;
    return new ProbeLoop(
      {
        probe: (signal) => probe(id, signal),
        schedule,
        now,
        random,
        onResult: (result, ordinal) => this.#apply(id, result, ordinal),
        inTransition: () => record.inTransition,
      },
      options,
    );
  }

  #apply(id: Id, result: ProbeResult, ordinal: number): void {
    const target = this.#targets.get(id);
    if (target === undefined) return;
    const { record } = target;
    const transition = record.apply(result, this.#ports.options);
    if (transition?.from === "NOT_INITIATED") this.#unsettled--;
    this.#ports.onResult?.(id, result, record.snapshot());
    if (transition !== null) this.#ports.onTransition?.(id, transition);
    if (result.ok && target.refusedAfter !== null && ordinal > target.refusedAfter) {
      this.#flag(id, target, () => {
        target.refusedAfter = null;
      });
    }
    if (transition?.from === "NOT_INITIATED") this.#wakeIfSettled();
  }

  #hold(id: Id, held: boolean): void {
    const target = this.#targets.get(id);
    if (target === undefined) return;
    this.#flag(id, target, () => {
      target.held = held;
    });
  }

  #flag(id: Id, target: Target, change: () => void): void {
    const before = isEjected(target);
    change();
    const after = isEjected(target);
    if (before !== after) this.#ports.onEjected?.(id, after);
  }

  #wakeIfSettled(): void {
    if (this.#waiting.length === 0 || this.#unsettled > 0) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }
}

/** When the first probe of the `nth` backend (from 1) that has none yet begins, ms from now. */
function firstDelay(nth: number, interval: number): number {
  return nth <= BURST ? 0 : ((nth * GOLDEN) % 1) * Math.min(LONGEST_SPREAD, interval * SPREAD);
}

function isEjected({ refusedAfter, held }: Target): boolean {
  return held || refusedAfter !== null;
}
