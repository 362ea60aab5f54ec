import {
  type CacheKey,
  type CacheStore,
  type MaybePromise,
  type PurgeMode,
  type PurgeTarget,
  type StoredEntry,
  type StoreStats,
  urlOfKey,
} from "@headgate/cache";

/** A response that is being fetched to be stored under a key. */
export interface Ticket {
  readonly key: CacheKey;
  /** False once a purge has met it: what comes may be older than the purge, and must not be stored. */
  readonly valid: boolean;
  /** The tags that its head brought; null while that is not here, when it may turn out to have any. */
  tags: readonly string[] | null;
  /** It is stored, or never will be. */
  close(): void;
}

/** A store that knows what is on its way into it: a purge also keeps out what was asked for before it. */
export class GuardedStore implements CacheStore {
  readonly #store: CacheStore;
  readonly #byUrl = new Map<CacheKey, Set<OpenTicket>>();
  #purges = 0;

  constructor(store: CacheStore) {
    this.#store = store;
  }

  /** How many purges there have been. */
  get purges(): number {
    return this.#purges;
  }

  /** Responses that are under way. */
  get pending(): number {
    let count = 0;
    for (const tickets of this.#byUrl.values()) count += tickets.size;
    return count;
  }

  /**
   * Takes note of a request whose response is to be stored; to be closed in the end.
   * @param voided told once, if a purge meets it
   */
  open(key: CacheKey, voided: () => void): Ticket {
    const url = urlOfKey(key);
    const tickets = this.#byUrl.get(url) ?? new Set();
    if (tickets.size === 0) this.#byUrl.set(url, tickets);
    const ticket = new OpenTicket(key, voided, () => {
      if (tickets.delete(ticket) && tickets.size === 0) this.#byUrl.delete(url);
    });
    tickets.add(ticket);
    return ticket;
  }

  purge(target: PurgeTarget, mode: PurgeMode, now: number): MaybePromise<number> {
    this.keepOut(target);
    return this.#store.purge(target, mode, now);
  }

  /** Keeps out what is under way, for purges that the store behind has heard of by itself. */
  keepOut(target: PurgeTarget): void {
    this.#purges++;
    if (target.kind === "url") {
      for (const ticket of this.#byUrl.get(target.key) ?? []) ticket.void();
      return;
    }
    for (const tickets of this.#byUrl.values()) {
      for (const ticket of tickets) if (meets(target, ticket)) ticket.void();
    }
  }

  get(key: CacheKey, now: number): MaybePromise<readonly StoredEntry[]> {
    return this.#store.get(key, now);
  }

  peek(key: CacheKey, now: number): MaybePromise<readonly StoredEntry[]> {
    return this.#store.peek(key, now);
  }

  /** Whether a response for the URL of this key is on its way. */
  isFilling(key: CacheKey): boolean {
    return this.#byUrl.has(urlOfKey(key));
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

function meets(target: Exclude<PurgeTarget, { kind: "url" }>, { key, tags }: Ticket): boolean {
  if (target.kind === "all") return true;
  return target.kind === "prefix" ? key.startsWith(target.prefix) : (tags?.includes(target.tag) ?? true);
}

class OpenTicket implements Ticket {
  readonly key: CacheKey;
  readonly close: () => void;
  readonly #voided: () => void;
  tags: readonly string[] | null = null;
  valid = true;

  constructor(key: CacheKey, voided: () => void, close: () => void) {
    this.key = key;
    this.#voided = voided;
    this.close = close;
  }

  void(): void {
    if (!this.valid) return;
    this.valid = false;
    this.#voided();
  }
}
