import { isDeepStrictEqual } from "node:util";
import type { BackendId } from "@headgate/balancer";
import { type Ejection, OutlierDetector, type OutlierOptions, type ProbeResult } from "@headgate/health";
import type { PoolConfig } from "./connection-options.ts";
import type { ControlTime } from "./control-time.ts";

export interface PoolOutliersPorts {
  readonly time: ControlTime;
  /** Whether a backend takes exchanges now. */
  readonly usable: (id: BackendId) => boolean;
  readonly eject: (id: BackendId) => void;
  readonly readmit: (id: BackendId) => void;
}

/** Passive health of one pool over all versions of its config: ejects backends by how their exchanges end. */
export class PoolOutliers {
  readonly #ports: PoolOutliersPorts;
  readonly #ids = new Set<BackendId>();
  #config: PoolConfig["outlier"] = false;
  #detector: OutlierDetector<BackendId> | null = null;

  constructor(ports: PoolOutliersPorts) {
    this.#ports = ports;
  }

  /** Watches by `config` from now on. Where that is new, what was ejected before is taken back. */
  configure(config: PoolConfig["outlier"]): void {
    if (isDeepStrictEqual(config, this.#config)) return;
    this.#config = config;
    this.#readmitAll();
    this.#detector?.stop();
    this.#detector = config === false ? null : this.#createDetector(outlierOptions(config));
    for (const id of this.#ids) this.#detector?.add(id);
  }

  add(id: BackendId): void {
    this.#ids.add(id);
    this.#detector?.add(id);
  }

  remove(id: BackendId): void {
    this.#ids.delete(id);
    this.#detector?.remove(id);
  }

  /** An attempt ended with the status of a whole answer, or null, after `latency` ms. */
  record(id: BackendId, status: number | null, latency: number): void {
    this.#detector?.record(id, status, latency);
  }

  checked(id: BackendId, result: ProbeResult): void {
    this.#detector?.checked(id, result);
  }

  /** The ejection that a backend is under; its times are monotonic. */
  ejection(id: BackendId): Ejection | null {
    return this.#detector?.ejection(id) ?? null;
  }

  /** Ends for good. */
  stop(): void {
    this.#detector?.stop();
    this.#detector = null;
  }

  #readmitAll(): void {
    for (const id of this.#ids) if (this.ejection(id) !== null) this.#ports.readmit(id);
  }

  #createDetector(options: OutlierOptions): OutlierDetector<BackendId> {
    const { time, usable, eject, readmit } = this.#ports;
    return new OutlierDetector<BackendId>({
      ...{ schedule: time.schedule, now: time.clock.tick, options, usable },
      onEjected: eject,
      onReadmitted: readmit,
    });
  }
}

/** The config's words in the detector's; false there is null here. */
export function outlierOptions(config: Exclude<PoolConfig["outlier"], false>): OutlierOptions {
  const { consecutiveFaults, consecutive5xx, successRate, latency, ...rest } = config;
  return {
    ...rest,
    consecutiveFaults: consecutiveFaults || null,
    consecutive5xx: consecutive5xx || null,
    successRate: successRate === false ? null : withAttempts(successRate),
    latency: latency === false ? null : withAttempts(latency),
  };
}

function withAttempts<T extends { readonly minimumRequests: number }>({ minimumRequests, ...rest }: T) {
  return { ...rest, minimumAttempts: minimumRequests };
}
