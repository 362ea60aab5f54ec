import type { ReportedLoad } from "./load/load-report.ts";
import { PeakLatency } from "./peak-latency.ts";
import type { Ramp } from "./slow-start.ts";

/** `host:port`, the identity of a backend: health, counts and latency belong to it and survive re-resolution and reload. */
export type BackendId = string & { readonly __brand: "BackendId" };

/** What the config, discovery or the admin API says of one backend. */
export interface BackendOptions {
  /** `host:port`, for example `127.0.0.1:8000`. */
  readonly id: BackendId;
  /** Where attempts go: scheme, host, port and, where it has one, a base path. */
  readonly url: string;
  /** Share of the traffic relative to the others of its level; 0 takes no new exchanges. Default 1. */
  readonly weight?: number;
  /** 0 is used first; higher levels are backups that take what spills over. Default 0. */
  readonly priority?: number;
  /** Where it stands; the pool prefers its own zone. Default none. */
  readonly zone?: string;
  /** Attempts in flight beyond which it takes no more. Default unlimited. */
  readonly maxActive?: number;
}

/**
 * One backend of a pool, with what balancing knows of it. Read freely; its flags and counts change through the pool
 * alone, which keeps its candidate lists by them.
 */
export class Backend {
  readonly id: BackendId;
  readonly url: string;
  weight = 1;
  priority = 0;
  zone: string | undefined;
  maxActive: number = Number.POSITIVE_INFINITY;
  /** Attempts in flight. */
  active = 0;
  /** Told by health: HEALTHY. */
  available = false;
  /** Not yet checked for the first time: neither good nor bad. */
  pending = true;
  /** Takes only sticky exchanges until it is removed. */
  draining = false;
  /** Put aside by passive health. */
  ejected = false;
  /** Joined a pool that was already serving. */
  newcomer = false;
  /** Its return to full weight, or null when there was none. */
  ramp: Ramp | null = null;
  /** The load it last reported, or null. */
  load: ReportedLoad | null = null;
  /** What it takes to answer, by the policies that learn it. */
  readonly latency: PeakLatency = new PeakLatency();

  constructor(options: BackendOptions) {
    this.id = options.id;
    this.url = options.url;
    this.configure(options);
  }

  /** Takes weight, priority, zone and limit over; counts, flags and latency stay. */
  configure(options: BackendOptions): void {
    this.weight = options.weight ?? 1;
    this.priority = options.priority ?? 0;
    this.zone = options.zone;
    this.maxActive = options.maxActive ?? Number.POSITIVE_INFINITY;
  }

  /** Whether it may take new exchanges, its limit apart. */
  get usable(): boolean {
    return this.available && !this.ejected && !this.draining && this.weight > 0;
  }
}

/** Whether this exchange may go there now: below its limit and not yet tried. */
export function isOpen(backend: Backend, tried: readonly BackendId[] | null): boolean {
  return backend.active < backend.maxActive && (tried === null || !tried.includes(backend.id));
}
