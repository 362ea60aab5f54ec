import { MemoryStore, type PurgeTarget } from "@headgate/cache";
import { buildGeneration, type Secrets } from "./build-generation.ts";
import { FillBudget } from "./caching/fill-budget.ts";
import { GuardedStore } from "./caching/guarded-store.ts";
import { RefreshTally } from "./caching/refresh-tally.ts";
import type { Share, SharedCache } from "./caching/shared-cache.ts";
import { StoreAdmin } from "./caching/store-admin.ts";
import type { Clock } from "./clock.ts";
import type { PoolDirectory } from "./compile-routes.ts";
import type { ConfigSnapshot } from "./config/snapshot.ts";
import type { ServerTls } from "./config/tls/material.ts";
import { Handler } from "./downstream/handler.ts";
import { ListenerSet } from "./downstream/listener-set.ts";
import type { BoundAddress } from "./downstream/listeners.ts";
import { Tunnels } from "./downstream/tunnel.ts";
import { Explainer } from "./explain/explainer.ts";
import type { Generation } from "./generation.ts";
import type { Admission } from "./layers/admit.ts";
import type { BugReporter } from "./observability/bug-reporter.ts";
import type { ExchangeSink } from "./observability/exchange-record.ts";
import type { MirrorTallies } from "./observability/mirror-tallies.ts";
import { createPipeline, entrance } from "./pipeline.ts";
import { Mirrors } from "./upstream/mirrors.ts";

/** What the data plane is built from; clocks, randomness and pools come from outside. */
export interface RuntimeParts extends Secrets {
  readonly config: ConfigSnapshot;
  readonly clock: Clock;
  /** 0 (included) to 1 (excluded). */
  readonly random: () => number;
  /** A new request id. */
  readonly newId: () => string;
  readonly pools: PoolDirectory;
  /** Bytes of the engine's heap that the cache may take. */
  readonly cacheHeap: number;
  readonly sinks: readonly ExchangeSink[];
  /** Takes how copies of requests ended. */
  readonly mirrored: MirrorTallies;
  readonly reporter: BugReporter;
  /** Shares the cache with other gateways; null for memory alone. */
  readonly share: Share | null;
}

/** How often a stopping gateway looks whether its last exchange is over, ms. */
const DRAIN_CHECK = 20;

/** How often a part of the cache is looked through for entries that are of no more use, ms: all of it in `SWEEPS` times that, 64 s. */
const SWEEP = 250;

/** The data plane: listeners, layers and what they share. */
export class Runtime {
  readonly #pools: PoolDirectory;
  readonly #secrets: Secrets;
  readonly #mirrors: Mirrors;
  readonly #admission: Admission = { inFlight: 0 };
  readonly #tunnels = new Tunnels();
  #generation: Generation;
  readonly #listeners: ListenerSet;
  readonly #sweeper: NodeJS.Timeout;
  readonly #shared: SharedCache | null;
  #closing = false;

  #bound: readonly BoundAddress[] = [];

  /** What the admin API may do with the cache. */
  readonly cache: StoreAdmin;
  /** Says what would happen to a request. */
  readonly explainer: Explainer;

  constructor(parts: RuntimeParts) {
    const { entries, memory: bytes } = parts.config.cache;
    const memory = new MemoryStore({
      entries,
      bytes,
      heap: Math.min(bytes, parts.cacheHeap),
      seed: Math.floor(parts.random() * 2 ** 32),
    });
    const onPurge = (target: PurgeTarget): void => store.keepOut(target);
    this.#shared = parts.share?.({ memory, onPurge }) ?? null;
    const store = new GuardedStore(this.#shared?.store ?? memory);
    const leases = this.#shared?.leases ?? null;
    this.#pools = parts.pools;
    this.#secrets = parts;
    this.#mirrors = new Mirrors(parts.mirrored, parts.random);
    this.#generation = buildGeneration(parts.config, parts.pools, parts);
    const budget = new FillBudget(bytes);
    const { memory: encodedMemory } = parts.config.compression;
    const refreshes = new RefreshTally();
    const ring = createPipeline({
      ...parts,
      mirrors: this.#mirrors,
      admission: this.#admission,
      store,
      budget,
      leases,
      encodedMemory,
      refreshes,
    });
    const { clock } = parts;
    this.cache = new StoreAdmin({
      ...{ store, budget, clock, refreshes, shared: this.#shared, generation: () => this.#generation },
    });
    this.explainer = new Explainer({
      ...{ clock, store, entrance, generation: () => this.#generation },
      inFlight: () => this.inFlight,
      own: () => this.#bound,
    });
    this.#sweeper = setInterval(() => store.sweep(parts.clock.now()), SWEEP).unref();
    const handler = new Handler({
      ring,
      clock: parts.clock,
      generation: () => this.#generation,
      closing: () => this.#closing,
      tunnels: this.#tunnels,
      reporter: parts.reporter,
    });
    this.#listeners = new ListenerSet({ handler, clock: parts.clock });
  }

  /** New exchanges follow `config`; those under way keep what they began with. Its pools exist already. */
  apply(config: ConfigSnapshot): void {
    this.#generation = buildGeneration(config, this.#pools, this.#secrets);
  }

  /** Exchanges in flight. */
  get inFlight(): number {
    return this.#admission.inFlight;
  }

  get connections(): number {
    return this.#listeners.connections;
  }

  /** Makes the listeners those of `config`, see `ListenerSet.open`. */
  async listen(config: ConfigSnapshot, tls: readonly (ServerTls | undefined)[]): Promise<BoundAddress[]> {
    const bound = await this.#listeners.open(config, tls);
    this.#bound = bound;
    return bound;
  }

  /**
   * Stops: no new connections, idle ones closed, WebSockets told; resolves when the last exchange is over, or after
   * `grace` ms, when the rest is broken off.
   * @returns how many exchanges were broken off
   */
  async close(grace: number): Promise<number> {
    this.#closing = true;
    clearInterval(this.#sweeper);
    this.#listeners.drain();
    this.#tunnels.goAway();
    await this.#drained(grace);
    this.#mirrors.stop();
    const left = this.inFlight;
    this.#listeners.destroy();
    await this.#shared?.close();
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
