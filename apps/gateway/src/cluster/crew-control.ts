import type { BackendStatus, PoolStatus, Readiness } from "../control/control-plane.ts";
import { GatewayControl } from "../control/gateway-control.ts";
import type { GatewayState } from "../control/gateway-state.ts";
import type { PoolRegistry } from "../control/pool-registry.ts";
import type { Crew } from "./crew.ts";
import { mergePool } from "./merge-pool.ts";

/** The control plane where workers carry the exchanges: what is in flight is told by them, and they by what changes. */
export class CrewControl extends GatewayControl {
  readonly #crew: Crew;

  constructor(registry: PoolRegistry, state: GatewayState, crew: Crew) {
    super(registry, state);
    this.#crew = crew;
  }

  override pools(): readonly PoolStatus[] {
    const { gauges } = this.#crew;
    return super.pools().map((pool) =>
      mergePool(
        pool,
        gauges.flatMap((each) => each?.pools.find(({ name }) => name === pool.name) ?? []),
      ),
    );
  }

  override readiness(): Readiness {
    const readiness = super.readiness();
    if (!readiness.ready || this.#crew.isServing) return readiness;
    return { ready: false, reasons: ["No worker process is up."] };
  }

  override addBackend(...backend: Parameters<GatewayControl["addBackend"]>): BackendStatus {
    return this.#told(super.addBackend(...backend));
  }

  override removeBackend(...backend: Parameters<GatewayControl["removeBackend"]>): void {
    this.#told(super.removeBackend(...backend));
  }

  override drainBackend(...drain: Parameters<GatewayControl["drainBackend"]>): BackendStatus {
    return this.#told(super.drainBackend(...drain));
  }

  override enableBackend(...backend: Parameters<GatewayControl["enableBackend"]>): BackendStatus {
    return this.#told(super.enableBackend(...backend));
  }

  /** The workers are told within this turn of the event loop, before the answer is. */
  #told<T>(done: T): T {
    this.#crew.tellChanges();
    return done;
  }
}
