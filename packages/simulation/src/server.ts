import type { ProbeResult } from "@headgate/health";
import type { Random } from "./draws.ts";
import { type Fault, scheduleFault } from "./fault.ts";
import type { VirtualTime } from "./virtual-time.ts";

export interface ServerOptions {
  /** Twice as fast takes half the time. Default 1. */
  readonly speed?: number | undefined;
  /** Attempts it works on at a time; others wait in its line, first come, first served. Default any number. */
  readonly concurrency?: number | undefined;
  readonly faults?: readonly Fault[] | undefined;
}

/** How a backend ends an attempt: with a status, or `refused` or `reset`. */
export type Ending = number | "refused" | "reset";

interface Job {
  /** ms of work left for this backend. */
  left: number;
  readonly status: number;
  readonly end: (ending: Ending) => void;
  since: number;
  callOff: (() => void) | null;
}

/** What a refusal and a health check's answer take, ms. */
const ROUND_TRIP = 1;
/** Share of what each ended attempt sees that goes into the utilisation. */
const SMOOTHING = 0.02;

/**
 * A backend that is not there: its speed, its line and its faults. Nobody tells it when an attempt is given up, so it works
 * on to the end, as most backends do.
 */
export class Server {
  readonly #time: VirtualTime;
  readonly #random: Random;
  readonly #speed: number;
  readonly #concurrency: number;
  readonly #faults: readonly Fault[];
  readonly #active = new Set<Fault>();
  readonly #running = new Set<Job>();
  readonly #probes = new Set<(ending: Ending) => void>();
  #line: Job[] = [];
  #utilization = 0;

  constructor(options: ServerOptions, time: VirtualTime, random: Random) {
    const { speed = 1, concurrency = Number.POSITIVE_INFINITY, faults = [] } = options;
    this.#time = time;
    this.#random = random;
    this.#speed = speed;
    this.#concurrency = concurrency;
    this.#faults = faults;
    for (const fault of faults) if (fault.from === undefined) this.#active.add(fault);
  }

  /** How busy it says it is, 0 to 1, for policies that go by it; undefined where any number runs side by side. */
  get utilization(): number | undefined {
    return this.#concurrency === Number.POSITIVE_INFINITY ? undefined : this.#utilization;
  }

  /** The faults' times count from now on. */
  begin(): void {
    for (const fault of this.#faults) {
      scheduleFault(
        fault,
        this.#time,
        () => this.#beginFault(fault),
        () => this.#endFault(fault),
      );
    }
  }

  /** Takes an attempt that is `work` ms for a backend of speed 1. */
  submit(work: number, end: (ending: Ending) => void): void {
    if (this.#is("down")) {
      this.#time.schedule(() => end("refused"), ROUND_TRIP);
      return;
    }
    const error = this.#error(false);
    const left = error?.after ?? (work * this.#slowness) / this.#speed;
    this.#line.push({ left, status: error?.status ?? 200, end, since: 0, callOff: null });
    this.#work();
  }

  /** A health check: answered beside the line, since it is little work. */
  probe(signal: AbortSignal): Promise<ProbeResult> {
    const began = this.#time.now();
    return new Promise((resolve) => {
      const end = (ending: Ending): void => {
        this.#probes.delete(end);
        this.#time.promised();
        const seen = { latency: this.#time.now() - began, at: this.#time.now() };
        if (ending === 200) resolve({ ok: true, status: ending, ...seen });
        else resolve({ ok: false, reason: typeof ending === "number" ? `status ${ending}` : ending, ...seen });
      };
      signal.addEventListener("abort", () => this.#probes.delete(end));
      this.#time.schedule(() => {
        if (this.#is("down")) end("refused");
        else if (this.#is("stall")) this.#probes.add(end);
        else end(this.#error(true)?.status ?? 200);
      }, ROUND_TRIP * this.#slowness);
    });
  }

  #work(): void {
    while (this.#running.size < this.#concurrency && !this.#is("stall")) {
      const job = this.#line.shift();
      if (job === undefined) return;
      this.#running.add(job);
      this.#resume(job);
    }
  }

  #resume(job: Job): void {
    job.since = this.#time.now();
    job.callOff = this.#time.schedule(() => {
      this.#utilization += (this.#running.size / this.#concurrency - this.#utilization) * SMOOTHING;
      this.#running.delete(job);
      job.end(job.status);
      this.#work();
    }, job.left);
  }

  #beginFault(fault: Fault): void {
    const stalled = this.#is("stall");
    this.#active.add(fault);
    if (fault.kind === "down") this.#breakOff();
    if (fault.kind === "stall" && !stalled) for (const job of this.#running) this.#pause(job);
  }

  #endFault(fault: Fault): void {
    if (!this.#active.delete(fault)) return;
    if (fault.kind !== "stall" || this.#is("stall")) return;
    for (const job of this.#running) this.#resume(job);
    for (const end of [...this.#probes]) end(200);
    this.#work();
  }

  #pause(job: Job): void {
    job.callOff?.();
    job.left -= this.#time.now() - job.since;
  }

  #breakOff(): void {
    const lost = [...this.#running, ...this.#line];
    this.#running.clear();
    this.#line = [];
    for (const job of lost) job.callOff?.();
    for (const job of lost) job.end("reset");
    for (const end of [...this.#probes]) end("reset");
  }

  #is(kind: Fault["kind"]): boolean {
    for (const fault of this.#active) if (fault.kind === kind) return true;
    return false;
  }

  get #slowness(): number {
    let factor = 1;
    for (const fault of this.#active) if (fault.kind === "slow") factor *= fault.factor;
    return factor;
  }

  /** Whether this answer is an error, and which. */
  #error(check: boolean): (Fault & { readonly kind: "errors" }) | null {
    for (const fault of this.#active) {
      if (fault.kind === "errors" && (fault.checks || !check) && this.#random() < fault.share) return fault;
    }
    return null;
  }
}
