import {
  type CacheKey,
  finishEntry,
  joinBody,
  type MaybePromise,
  type PassReason,
  type StoredEntry,
  type StorePlan,
} from "@headgate/cache";
import type { BodySource } from "../body.ts";
import type { Clock } from "../clock.ts";
import { SharedBody } from "../shared-body.ts";
import type { FillBudget } from "./fill-budget.ts";
import type { GuardedStore, Ticket, TicketOwner } from "./guarded-store.ts";

/** Why a response that was to be stored is not. */
export type UnstoredReason =
  | PassReason
  /** Its URL was purged while it was under way. */
  | "purged"
  /** Too many bodies are on their way into the cache. */
  | "no-room"
  /** The store rather keeps what it has. */
  | "not-admitted"
  | "store-failed";

export interface DepositParts {
  readonly store: GuardedStore;
  readonly clock: Clock;
  readonly budget: FillBudget;
  /** Takes what a store that failed reports: the exchange goes on without it. */
  readonly storeFailed: (error: unknown) => void;
}

type Storable = Extract<StorePlan, { kind: "store" }>;

/** Bytes of a body that is not kept that may wait for its slowest reader. */
const WINDOW = 64 * 1024;

/** Brings what a fill gets into the store, unless a purge comes between, and knows why where it does not. */
export class Deposit implements TicketOwner {
  readonly #parts: DepositParts;
  readonly #ticket: Ticket;
  readonly #owner: TicketOwner;
  #unstored: UnstoredReason | null = null;

  /** @param owner told if a purge meets it */
  constructor(parts: DepositParts, key: CacheKey, owner: TicketOwner) {
    this.#parts = parts;
    this.#owner = owner;
    this.#ticket = parts.store.open(key, this);
  }

  voided(): void {
    this.refuse("purged");
    this.#owner.voided();
  }

  get key(): CacheKey {
    return this.#ticket.key;
  }

  /** Null as long as it is stored or may still be. */
  get unstored(): UnstoredReason | null {
    return this.#unstored;
  }

  /** It is not to be stored; the first reason holds. */
  refuse(reason: UnstoredReason): void {
    this.#unstored ??= reason;
  }

  close(): void {
    this.#ticket.close();
  }

  put(entry: StoredEntry): Promise<void> | undefined {
    return this.#write((store, key) => store.put(key, entry, this.#parts.clock.now()));
  }

  replace(previous: StoredEntry, next: StoredEntry): Promise<void> | undefined {
    return this.#write((store, key) => store.replace(key, previous, next));
  }

  remove(entry: StoredEntry): Promise<void> | undefined {
    return this.#write((store, key) => store.remove(key, entry));
  }

  /**
   * A body for all who read it, stored when its end has come.
   * @param events when nobody reads it any more, and when it is over: with the entry that came of it, if any
   */
  stream(
    plan: Storable,
    source: BodySource,
    events: { unread(): void; over(entry: StoredEntry | null): void },
  ): SharedBody {
    const { budget } = this.#parts;
    let taken = 0;
    this.#ticket.tags = plan.head.tags;
    if (plan.length !== undefined && !budget.fits(plan.length)) this.refuse("no-room");
    const body = new SharedBody(source, plan.maxBody, WINDOW, {
      unread: events.unread,
      keeps: (bytes) => {
        if (this.#unstored === null && !budget.take(bytes)) this.refuse("no-room");
        if (this.#unstored !== null) return false;
        taken += bytes;
        return true;
      },
      over: (complete) => {
        budget.give(taken);
        if (!complete) this.refuse("incomplete");
        events.over(complete ? this.#finish(plan, body) : null);
      },
    });
    return body;
  }

  #finish(plan: Storable, body: SharedBody): StoredEntry | null {
    const finished = body.whole ? finishEntry(plan.head, joinBody(body.chunks)) : null;
    if (finished?.kind !== "entry") {
      this.refuse(finished?.reason ?? "too-large");
      return null;
    }
    body.moveTo(finished.entry.body);
    void this.put(finished.entry);
    return finished.entry;
  }

  /** A store at hand answers at once: then what it said is known before the response goes out. */
  #write(work: (store: GuardedStore, key: CacheKey) => MaybePromise<boolean>): Promise<void> | undefined {
    const { store, storeFailed } = this.#parts;
    if (!this.#ticket.valid) return undefined;
    const failed = (error: unknown): void => {
      this.refuse("store-failed");
      storeFailed(error);
    };
    const told = (taken: boolean): void => {
      if (!taken) this.refuse("not-admitted");
    };
    try {
      const taken = work(store, this.#ticket.key);
      if (taken instanceof Promise) return taken.then(told, failed);
      told(taken);
    } catch (error) {
      failed(error);
    }
    return undefined;
  }
}
