import { formatDuration } from "./duration.ts";
import type { ProbeResult } from "./health-record.ts";

/** Calls `fn` after `ms`; what it returns calls that off. */
export type Schedule = (fn: () => void, ms: number) => () => void;

export interface LoopOptions {
  /** From the start of one probe to the start of the next, ms. */
  readonly interval: number;
  /** How long a probe may take, ms. */
  readonly timeout: number;
  /** Each interval is longer or shorter by up to this share. Default 0.1. */
  readonly jitter?: number | undefined;
  /** The interval while the next result may change the state, ms. Default `interval`. Source: HAProxy `fastinter`. */
  readonly transitionInterval?: number | undefined;
}

export interface LoopPorts {
  readonly probe: (signal: AbortSignal) => Promise<ProbeResult>;
  readonly schedule: Schedule;
  /** ms. */
  readonly now: () => number;
  /** 0 (included) to 1 (excluded). */
  readonly random: () => number;
  /** `ordinal` counts the loop's probes from 1. */
  readonly onResult: (result: ProbeResult, ordinal: number) => void;
  /** Whether the next result may change the state. */
  readonly inTransition: () => boolean;
}

/** Probes are at least this share of the interval apart, however often they are asked for. */
const LEAST_GAP = 0.2;

/** Probes one backend again and again: never two at once, each with a time-out, at jittered intervals. */
export class ProbeLoop {
  readonly #ports: LoopPorts;
  readonly #options: LoopOptions;
  #begun = 0;
  #lastStart = Number.NEGATIVE_INFINITY;
  /** Aborts the probe under way. */
  #abort: AbortController | null = null;
  #cancel: (() => void) | null = null;
  #hurry = false;
  #scatter = false;
  #stopped = false;

  constructor(ports: LoopPorts, options: LoopOptions) {
    this.#ports = ports;
    this.#options = options;
  }

  /** How many probes have begun. */
  get begun(): number {
    return this.#begun;
  }

  /** Begins with a probe after `delay` ms; at once for 0. The one after that comes at a random time of the interval. */
  start(delay: number): void {
    this.#scatter = true;
    if (delay > 0) this.#after(delay);
    else this.#probe();
  }

  /** Begins at a random time of the interval. */
  resume(): void {
    this.#after(this.#options.interval * this.#ports.random());
  }

  /** Asks for a probe before the next is due. */
  soon(): void {
    if (this.#stopped) return;
    if (this.#abort !== null) this.#hurry = true;
    else this.#after(this.#untilGap());
  }

  /** Ends for good; what a probe under way still says is ignored. */
  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
    this.#abort?.abort();
  }

  #probe(): void {
    const { schedule, now, probe } = this.#ports;
    const ordinal = ++this.#begun;
    const start = now();
    this.#lastStart = start;
    const abort = new AbortController();
    this.#abort = abort;
    const settle = (result: ProbeResult): void => {
      if (this.#abort !== abort || this.#stopped) return;
      this.#abort = null;
      this.#cancel?.();
      this.#ports.onResult(result, ordinal);
      if (!this.#stopped) this.#after(this.#untilNext());
    };
    const fail = (reason: string): void => settle({ ok: false, reason, latency: now() - start, at: now() });
    this.#cancel = schedule(() => {
      fail(`no answer within ${formatDuration(this.#options.timeout)}`);
      abort.abort();
    }, this.#options.timeout);
    callSafely(probe, abort.signal).then(settle, (error: unknown) => fail(errorText(error)));
  }

  #after(delay: number): void {
    this.#cancel?.();
    this.#cancel = this.#ports.schedule(() => this.#probe(), delay);
  }

  #untilGap(): number {
    return Math.max(0, this.#lastStart + this.#options.interval * LEAST_GAP - this.#ports.now());
  }

  #untilNext(): number {
    const least = this.#untilGap();
    if (this.#hurry) {
      this.#hurry = false;
      return least;
    }
    const { interval, transitionInterval = interval } = this.#options;
    const base = this.#ports.inTransition() ? Math.min(interval, transitionInterval) : interval;
    return Math.max(least, this.#lastStart + base * this.#spread() - this.#ports.now());
  }

  /** What the interval is multiplied by. Backends that began together are scattered over its length first. */
  #spread(): number {
    const random = this.#ports.random();
    if (this.#scatter) {
      this.#scatter = false;
      return LEAST_GAP + (1 - LEAST_GAP) * random;
    }
    const { jitter = 0.1 } = this.#options;
    return 1 - jitter + 2 * jitter * random;
  }
}

/** A probe that throws before its first await fails like any other. */
async function callSafely(probe: LoopPorts["probe"], signal: AbortSignal): Promise<ProbeResult> {
  return await probe(signal);
}

function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
