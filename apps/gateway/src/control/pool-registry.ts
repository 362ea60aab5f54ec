import type { ConfigSnapshot } from "../config/snapshot.ts";
import type { TlsMaterial } from "../config/tls/material.ts";
import { backendTls } from "./connection-options.ts";
import { ManagedPool, type ManagedPoolPorts, type PoolSettings } from "./managed-pool.ts";

/** Every pool of the gateway, by name. */
export class PoolRegistry {
  readonly #ports: ManagedPoolPorts;
  readonly #pools = new Map<string, ManagedPool>();
  readonly #retired = new Set<ManagedPool>();

  constructor(ports: ManagedPoolPorts) {
    this.#ports = ports;
  }

  /** In the config's order; pools that came with a reload last. */
  get pools(): readonly ManagedPool[] {
    return [...this.#pools.values()];
  }

  find(name: string): ManagedPool | undefined {
    return this.#pools.get(name);
  }

  /** A pool that the config is known to name. */
  get(name: string): ManagedPool {
    const pool = this.#pools.get(name);
    if (pool === undefined)
      throw new Error(`no pool ${name}: routes are checked against pools when the config is read`);
    return pool;
  }

  /**
   * Takes over a version of the config: new pools are made and probed, those that stay are changed in place. Those that
   * are gone from it still serve until the function that is returned is called, once no new exchange can reach them.
   */
  apply(config: ConfigSnapshot, tls: TlsMaterial["pools"]): () => void {
    for (const [name, pool] of Object.entries(config.pools)) {
      const settings: PoolSettings = {
        config: pool,
        tls: backendTls(tls[name] ?? { rejectUnauthorized: pool.tls.verify }),
        limits: config.limits,
        grace: config.shutdown.grace,
      };
      const known = this.#pools.get(name);
      if (known === undefined) this.#pools.set(name, new ManagedPool(name, settings, this.#ports));
      else known.apply(settings);
    }
    return () => this.#retireAllBut(Object.keys(config.pools), config.shutdown.grace);
  }

  /** Ends the checks and breaks off whatever still runs. */
  async close(): Promise<void> {
    await Promise.all([...this.#pools.values(), ...this.#retired].map((pool) => pool.destroy()));
  }

  /** Exchanges of the config before may still be about to choose a backend: their pool stays usable for the grace time. */
  #retireAllBut(names: readonly string[], grace: number): void {
    for (const [name, pool] of this.#pools) {
      if (names.includes(name)) continue;
      this.#pools.delete(name);
      this.#retired.add(pool);
      pool.stopChecks();
      this.#ports.time.schedule(() => {
        this.#retired.delete(pool);
        void pool.destroy();
      }, grace);
    }
  }
}
