import type { ManagedPoolPorts } from "../control/managed-pool.ts";
import { PoolRegistry } from "../control/pool-registry.ts";
import { FedChecks } from "./fed-checks.ts";
import type { WorkerConfig } from "./messages.ts";
import type { Observations } from "./observations.ts";
import { type BackendState, isSameTime, type PoolState } from "./pool-state.ts";

/** The pools of a worker: members, health and drains are what the primary says. */
export class FedPools {
  readonly registry: PoolRegistry;
  readonly #checks = new Map<string, FedChecks>();
  readonly #now: () => number;

  constructor(ports: Omit<ManagedPoolPorts, "createChecks">, observations: Observations) {
    this.#now = ports.time.clock.now;
    this.registry = new PoolRegistry({
      ...ports,
      createChecks: (own) => {
        const checks = new FedChecks(own, observations);
        this.#checks.set(own.balancer.name, checks);
        return checks;
      },
    });
  }

  /** Takes over a version of the config and how its pools stand; the function that is returned ends those that are gone. */
  apply({ config, tls }: WorkerConfig, states: readonly PoolState[]): () => void {
    const retire = this.registry.apply(config, tls.pools);
    this.feed(states);
    return () => {
      retire();
      for (const name of this.#checks.keys()) if (this.registry.find(name) === undefined) this.#checks.delete(name);
    };
  }

  /** Takes over what has changed. */
  feed(states: readonly PoolState[]): void {
    for (const state of states) {
      const pool = this.registry.find(state.name);
      if (pool === undefined) continue;
      if (state.members !== null) pool.follow(state.members);
      for (const backend of state.backends) this.#drain(state.name, backend);
      this.#checks.get(state.name)?.feed(state);
    }
  }

  #drain(name: string, { id, draining, drainUntil }: BackendState): void {
    const pool = this.registry.get(name);
    const backend = pool.balancer.get(id);
    if (backend === undefined || (!draining && !backend.draining)) return;
    const known = backend.draining ? pool.statusOf(backend).drainUntil : null;
    if (draining === backend.draining && isSameTime(known, drainUntil)) return;
    pool.setDraining(backend, draining, Math.max(0, (drainUntil ?? 0) - this.#now()));
  }
}
