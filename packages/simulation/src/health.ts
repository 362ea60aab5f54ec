import type { Backend, BackendId, Pool } from "@headgate/balancer";
import { HealthChecker, OutlierDetector, type ProbeResult, type Transition } from "@headgate/health";
import type { Random } from "./draws.ts";
import type { PoolSettings } from "./scenario.ts";
import type { Tally } from "./tally.ts";
import type { VirtualTime } from "./virtual-time.ts";

export interface HealthPorts {
  readonly settings: PoolSettings;
  readonly pool: Pool;
  readonly time: VirtualTime;
  readonly random: Random;
  readonly tally: Tally;
  readonly probe: (id: BackendId, signal: AbortSignal) => Promise<ProbeResult>;
  readonly onUnreachable: (id: BackendId) => void;
  /** A backend takes exchanges again, or no longer. */
  readonly onChange: () => void;
}

/** The gateway's own checker and outlier detector over a pool, each where the settings have it. */
export class Health {
  readonly #ports: HealthPorts;
  readonly #checker: HealthChecker<BackendId> | null;
  readonly #detector: OutlierDetector<BackendId> | null;
  #held = 0;

  constructor(ports: HealthPorts) {
    this.#ports = ports;
    this.#checker = this.#createChecker();
    this.#detector = this.#createDetector();
    for (const { id } of ports.pool.backends) {
      this.#detector?.add(id);
      if (this.#checker === null) ports.pool.setAvailable(id, true);
      else this.#checker.add(id);
    }
  }

  /** Whether the first check of each is in. */
  get settled(): boolean {
    const { pool } = this.#ports;
    return pool.backends.every(({ pending }) => !pending);
  }

  refused({ id }: Backend): void {
    if (this.#checker === null) this.#detector?.record(id, null, 0);
    else this.#checker.reportRefused(id);
  }

  attemptEnded({ id }: Backend, status: number | null, latency: number): void {
    this.#detector?.record(id, status, latency);
  }

  stop(): void {
    this.#checker?.stop();
    this.#detector?.stop();
  }

  #createChecker(): HealthChecker<BackendId> | null {
    const { settings, time, random, probe } = this.#ports;
    if (settings.health === null) return null;
    return new HealthChecker<BackendId>({
      ...{ probe, random, options: settings.health, schedule: time.schedulePromised, now: time.now },
      onTransition: (id, transition) => this.#moved(id, transition),
      onResult: (id, result) => this.#detector?.checked(id, result),
      onEjected: (id, ejected) => this.#setEjected(id, ejected),
    });
  }

  #createDetector(): OutlierDetector<BackendId> | null {
    const { settings, time, pool } = this.#ports;
    if (settings.outlier === null) return null;
    return new OutlierDetector<BackendId>({
      ...{ options: settings.outlier, schedule: time.schedulePromised, now: time.now },
      usable: (id) => pool.get(id)?.usable === true,
      onEjected: (id) => this.#hold(id, true),
      onReadmitted: (id) => this.#hold(id, false),
    });
  }

  #moved(id: BackendId, { to }: Transition): void {
    const { pool, onUnreachable, onChange } = this.#ports;
    pool.setAvailable(id, to === "HEALTHY");
    onChange();
    if (to === "UNREACHABLE") onUnreachable(id);
  }

  #hold(id: BackendId, held: boolean): void {
    this.#held += held ? 1 : -1;
    this.#ports.tally.ejected(this.#held);
    if (this.#checker === null) this.#setEjected(id, held);
    else if (held) this.#checker.eject(id);
    else this.#checker.readmit(id);
  }

  #setEjected(id: BackendId, ejected: boolean): void {
    this.#ports.pool.setEjected(id, ejected);
    this.#ports.onChange();
  }
}
