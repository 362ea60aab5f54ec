import type { BackendId, Pool } from "@headgate/balancer";
import { type HealthSnapshot, UNKNOWN_HEALTH } from "@headgate/health";
import type { BackendChecks } from "../control/backend-checks.ts";
import type { PoolConfig } from "../control/connection-options.ts";
import type { PoolChecksPorts } from "../control/pool-checks.ts";
import type { Observations } from "./observations.ts";
import type { BackendState, PoolState } from "./pool-state.ts";

/** The health of one pool's backends in a worker: what the primary says, and what is seen here told to it. */
export class FedChecks implements BackendChecks {
  readonly #ports: PoolChecksPorts;
  readonly #observations: Observations;
  /** When each backend's last load was told, by the primary's clock. */
  readonly #loads = new Map<BackendId, number>();
  #isChecked = true;
  #outlier: PoolConfig["outlier"] = false;
  #stopped = false;
  #waiting: (() => void)[] = [];
  settled = false;
  gathering = true;

  constructor(ports: PoolChecksPorts, observations: Observations) {
    this.#ports = ports;
    this.#observations = observations;
  }

  configure({ health, outlier }: Pick<PoolConfig, "health" | "outlier">): void {
    this.#isChecked = health !== false;
    this.#outlier = outlier;
  }

  /** The primary has said how the pool stands. */
  feed({ settled, gathering, backends }: PoolState): void {
    const { balancer, onChange } = this.#ports;
    this.settled = settled;
    this.gathering = gathering;
    for (const state of backends) this.#take(balancer, state);
    this.#wakeIfUseful();
    onChange();
  }

  expect(): void {
    // What is still looked for is the primary's to know, too.
  }

  add(): void {
    // It is pending until the primary says more.
  }

  remove(id: BackendId): void {
    this.#loads.delete(id);
    this.#wakeIfUseful();
  }

  stop(): void {
    this.#stopped = true;
    this.#wakeIfUseful();
  }

  snapshot(): HealthSnapshot {
    return UNKNOWN_HEALTH;
  }

  ejection(): null {
    return null;
  }

  whenSettled(): Promise<void> {
    if (this.#useful) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Put aside at once where checks will take it back; the primary is told, which tells the others. */
  reportRefused(id: BackendId): void {
    const { balancer, onChange } = this.#ports;
    if (!this.#isChecked && this.#outlier === false) return;
    this.#observations.add({ pool: balancer.name, backend: id, ended: "refused", latency: 0 }, true);
    if (!this.#isChecked) return;
    balancer.setEjected(id, true);
    onChange();
  }

  attemptEnded(id: BackendId, status: number | null, latency: number): void {
    const outlier = this.#outlier;
    if (outlier === false) return;
    const each = outlier.successRate !== false || outlier.latency !== false;
    this.#observations.add({ pool: this.#ports.balancer.name, backend: id, ended: status, latency }, each);
  }

  #take(balancer: Pool, { id, available, pending, ejected, load }: BackendState): void {
    const backend = balancer.get(id);
    if (backend === undefined) return;
    const fell = backend.available && !available && !pending;
    // The first word ends `pending`; before it there is none.
    if (!pending && (backend.pending || backend.available !== available)) balancer.setAvailable(id, available);
    if (backend.ejected !== ejected) balancer.setEjected(id, ejected);
    if (load !== null && load.at !== this.#loads.get(id)) {
      this.#loads.set(id, load.at);
      balancer.reportLoad(backend, { ...backend.load?.report, ...load.report }, this.#ports.time.clock.tick());
    }
    if (fell) this.#ports.onUnreachable(id);
  }

  get #useful(): boolean {
    return this.#stopped || this.settled || (!this.gathering && this.#ports.balancer.usable);
  }

  #wakeIfUseful(): void {
    if (this.#waiting.length === 0 || !this.#useful) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }
}
