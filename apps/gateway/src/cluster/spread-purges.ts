import type {
  CacheKey,
  CacheStore,
  MaybePromise,
  PurgeMode,
  PurgeTarget,
  StoredEntry,
  StoreStats,
} from "@headgate/cache";
import type { Share, SharedCache, ShareParts } from "../caching/shared-cache.ts";
import type { Purge } from "./messages.ts";

export interface SpreadPorts {
  /** Asks the other workers for purges; resolves to how many entries each met there. */
  readonly ask: (purges: readonly Purge[]) => Promise<readonly number[]>;
  /** Runs a task when the turn of the event loop is over. */
  readonly soon: (task: () => void) => void;
  /** Wall-clock ms. */
  readonly now: () => number;
}

interface Waiting {
  readonly purge: Purge;
  readonly resolve: (met: number) => void;
}

/** So many purges go in one message. */
const MOST = 256;

/** Carries purges from one worker's cache to those of the others. Those of one turn of the event loop go together. */
export class PurgeSpreader {
  readonly #ports: SpreadPorts;
  #cache: ShareParts | null = null;
  #waiting: Waiting[] = [];

  constructor(ports: SpreadPorts) {
    this.#ports = ports;
  }

  /** The worker's cache with this in front, over what it shares with other gateways; `inner` is null where it shares nothing. */
  share(inner: Share | null): Share {
    return (parts) => {
      this.#cache = parts;
      const shared = inner?.(parts) ?? null;
      const store = new SpreadStore(shared?.store ?? parts.memory, (purge) => this.#others(purge));
      return { ...ALONE, ...(shared === null ? {} : delegate(shared)), store };
    };
  }

  /** Carries out what other workers have purged; resolves to how many entries each met. */
  async heard(purges: readonly Purge[]): Promise<number[]> {
    const cache = this.#cache;
    if (cache === null) return purges.map(() => 0);
    const now = this.#ports.now();
    const met: number[] = [];
    for (const { target, mode } of purges) {
      cache.onPurge(target);
      met.push(await cache.memory.purge(target, mode, now));
    }
    return met;
  }

  #others(purge: Purge): Promise<number> {
    return new Promise((resolve) => {
      if (this.#waiting.length === 0) this.#ports.soon(() => this.#send());
      this.#waiting.push({ purge, resolve });
    });
  }

  #send(): void {
    const all = this.#waiting;
    this.#waiting = [];
    for (let at = 0; at < all.length; at += MOST) {
      void this.#sendSome(all.slice(at, at + MOST));
    }
  }

  async #sendSome(some: readonly Waiting[]): Promise<void> {
    const counts = await this.#ports.ask(some.map(({ purge }) => purge));
    for (const [index, { resolve }] of some.entries()) resolve(counts[index] ?? 0);
  }
}

const ALONE: Omit<SharedCache, "store"> = { leases: null, status: () => null, close: async () => undefined };

function delegate(shared: SharedCache): Omit<SharedCache, "store"> {
  return { leases: shared.leases, status: () => shared.status(), close: () => shared.close() };
}

/** A store whose purges hold in the other workers, too, once they resolve. */
class SpreadStore implements CacheStore {
  readonly #store: CacheStore;
  readonly #others: (purge: Purge) => Promise<number>;

  constructor(store: CacheStore, others: (purge: Purge) => Promise<number>) {
    this.#store = store;
    this.#others = others;
  }

  async purge(target: PurgeTarget, mode: PurgeMode, now: number): Promise<number> {
    const [own, elsewhere] = await Promise.all([this.#store.purge(target, mode, now), this.#others({ target, mode })]);
    return own + elsewhere;
  }

  get(key: CacheKey, now: number): MaybePromise<readonly StoredEntry[]> {
    return this.#store.get(key, now);
  }

  peek(key: CacheKey, now: number): MaybePromise<readonly StoredEntry[]> {
    return this.#store.peek(key, now);
  }

  put(key: CacheKey, entry: StoredEntry, now: number): MaybePromise<boolean> {
    return this.#store.put(key, entry, now);
  }

  replace(key: CacheKey, previous: StoredEntry, next: StoredEntry): MaybePromise<boolean> {
    return this.#store.replace(key, previous, next);
  }

  remove(key: CacheKey, entry: StoredEntry): MaybePromise<boolean> {
    return this.#store.remove(key, entry);
  }

  sweep(now: number): MaybePromise<number> {
    return this.#store.sweep(now);
  }

  stats(): MaybePromise<StoreStats> {
    return this.#store.stats();
  }
}
