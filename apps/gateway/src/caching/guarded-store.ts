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
import { type Listed, WaitingList } from "../waiting-list.ts";

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

/** Whom a ticket is for. */
export interface TicketOwner {
  /** A purge has met it; told once. */
  voided(): void;
}

/** A store that knows what is on its way into it: a purge also keeps out what was asked for before it. */
export class GuardedStore implements CacheStore {
  readonly #store: CacheStore;
  readonly #tickets = new WaitingList<OpenTicket>();

  constructor(store: CacheStore) {
    this.#store = store;
  }

  /** Responses that are under way. */
  get pending(): number {
    return this.#tickets.entries.length;
  }

  /** Takes note of a request whose response is to be stored; to be closed in the end. */
  open(key: CacheKey, owner: TicketOwner): Ticket {
    const ticket = new OpenTicket(key, owner, this.#tickets);
    this.#tickets.add(ticket);
    return ticket;
  }

  purge(target: PurgeTarget, mode: PurgeMode, now: number): MaybePromise<number> {
    this.keepOut(target);
    return this.#store.purge(target, mode, now);
  }

  /** Keeps out what is under way, for purges that the store behind has heard of by itself. */
  keepOut(target: PurgeTarget): void {
    const { entries } = this.#tickets;
    // Who is met may close its ticket at once: then the last one takes its place, which has had its turn.
    for (let i = entries.length - 1; i >= 0; i -= 1) {
      const ticket = entries[i];
      // Where many change one URL at a time, nearly all have been met already.
      if (ticket?.valid === true && meets(target, ticket)) ticket.void();
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
    const target: PurgeTarget = { kind: "url", key: urlOfKey(key) };
    return this.#tickets.entries.some((ticket) => meets(target, ticket));
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

function meets(target: PurgeTarget, { key, url, tags }: OpenTicket): boolean {
  switch (target.kind) {
    case "url":
      return url === target.key;
    case "prefix":
      return key.startsWith(target.prefix);
    case "tag":
      return tags?.includes(target.tag) ?? true;
    case "all":
      return true;
  }
}

class OpenTicket implements Ticket, Listed {
  readonly key: CacheKey;
  /** Made once: every purge of a URL compares it with those of all that is under way. */
  readonly url: CacheKey;
  place = -1;
  tags: readonly string[] | null = null;
  valid = true;
  readonly #owner: TicketOwner;
  readonly #list: WaitingList<OpenTicket>;

  constructor(key: CacheKey, owner: TicketOwner, list: WaitingList<OpenTicket>) {
    this.key = key;
    this.url = urlOfKey(key);
    this.#owner = owner;
    this.#list = list;
  }

  close(): void {
    this.#list.remove(this);
  }

  void(): void {
    this.valid = false;
    this.#owner.voided();
  }
}
