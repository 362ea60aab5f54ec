import { MemoryStore } from "@headgate/cache";
import { buildGeneration, type PoolDirectory } from "./build-generation.ts";
import { StoreAdmin } from "./caching/store-admin.ts";
import type { Clock } from "./clock.ts";
import type { ConfigSnapshot } from "./config/snapshot.ts";
import type { ServerTls } from "./config/tls/material.ts";
import { Handler } from "./downstream/handler.ts";
import { type BoundAddress, type Listener, openListener } from "./downstream/listeners.ts";
import { Tunnels } from "./downstream/tunnel.ts";
import type { Generation } from "./generation.ts";
import type { Admission } from "./layers/admit.ts";
import type { BugReporter } from "./layers/rescue.ts";
import type { ExchangeSink } from "./observability/exchange-record.ts";
import { createPipeline } from "./pipeline.ts";

/** What the data plane is built from; clocks, randomness and pools come from outside. */
export interface RuntimeParts {
  readonly config: ConfigSnapshot;
  readonly clock: Clock;
  /** 0 (included) to 1 (excluded). */
  readonly random: () => number;
  /** A new request id. */
  readonly newId: () => string;
  /** Random text of this process, mixed into the digests of API keys. */
  readonly secret: string;
  readonly pools: PoolDirectory;
  readonly sinks: readonly ExchangeSink[];
  readonly reporter: BugReporter;
}

/** How often a stopping gateway looks whether its last exchange is over, ms. */
const DRAIN_CHECK = 20;

/** How often entries that are of no more use are dropped, ms. */
const SWEEP = 30_000;

/** The data plane: listeners, layers and what they share. */
export class Runtime {
  readonly #pools: PoolDirectory;
  readonly #secret: string;
  readonly #admission: Admission = { inFlight: 0 };
  readonly #tunnels = new Tunnels();
  readonly #handler: Handler;
  #generation: Generation;
  #listeners: Listener[] = [];
  /** Closed for new connections, with some still open. */
  #retired: Listener[] = [];
  readonly #sweeper: NodeJS.Timeout;
  #closing = false;

  /** What the admin API may do with the cache. */
  readonly cache: StoreAdmin;

  constructor(parts: RuntimeParts) {
    const { entries, memory: bytes } = parts.config.cache;
    const store = new MemoryStore({ entries, bytes, seed: Math.floor(parts.random() * 2 ** 32) });
    this.#pools = parts.pools;
    this.#secret = parts.secret;
    this.#generation = buildGeneration(parts.config, parts.pools, parts.secret);
    const ring = createPipeline({ ...parts, admission: this.#admission, store });
    this.cache = new StoreAdmin(store, parts.clock, () => this.#generation);
    this.#sweeper = setInterval(() => store.sweep(parts.clock.now()), SWEEP).unref();
    this.#handler = new Handler({
      ring,
      clock: parts.clock,
      generation: () => this.#generation,
      closing: () => this.#closing,
      tunnels: this.#tunnels,
    });
  }

  /** New exchanges follow `config`; those under way keep what they began with. Its pools exist already. */
  apply(config: ConfigSnapshot): void {
    this.#generation = buildGeneration(config, this.#pools, this.#secret);
  }

  /** Exchanges in flight. */
  get inFlight(): number {
    return this.#admission.inFlight;
  }

  get connections(): number {
    return [...this.#listeners, ...this.#retired].reduce((sum, listener) => sum + listener.connections, 0);
  }

  /**
   * Opens the listeners of `config`; `tls` has one entry for each. Rejects with the system's error (EADDRINUSE, EACCES,
   * ...), and then none of them is left open.
   */
  async listen(config: ConfigSnapshot, tls: readonly (ServerTls | undefined)[]): Promise<BoundAddress[]> {
    const opened: Listener[] = [];
    try {
      for (const [index, listener] of config.listeners.entries()) {
        opened.push(...(await openListener(config, listener, tls[index], this.#handler)));
      }
    } catch (error) {
      for (const listener of opened) listener.drain();
      throw error;
    }
    this.#listeners.push(...opened);
    return opened.map(({ bound }) => bound);
  }

  /** Closes all listeners for new connections; what runs on them runs on. For a reload that moves ports. */
  retireListeners(): void {
    for (const listener of this.#listeners) listener.drain();
    this.#retired = [...this.#retired, ...this.#listeners].filter(({ connections }) => connections > 0);
    this.#listeners = [];
  }

  /**
   * Stops: no new connections, idle ones closed, WebSockets told; resolves when the last exchange is over, or after
   * `grace` ms, when the rest is broken off.
   * @returns how many exchanges were broken off
   */
  async close(grace: number): Promise<number> {
    this.#closing = true;
    clearInterval(this.#sweeper);
    this.retireListeners();
    this.#tunnels.goAway();
    await this.#drained(grace);
    const left = this.inFlight;
    for (const listener of this.#retired) listener.destroy();
    return left;
  }

  #drained(grace: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.inFlight === 0) return resolve();
      const check = setInterval(() => this.inFlight === 0 && finish(), DRAIN_CHECK);
      const bound = setTimeout(() => finish(), grace);
      const finish = (): void => {
        clearInterval(check);
        clearTimeout(bound);
        resolve();
      };
    });
  }
}
