import type {
  CacheKey,
  CacheStore,
  MemoryStore,
  PurgeMode,
  PurgeTarget,
  StoredEntry,
  StoreStats,
} from "@headgate/cache";
import type { Version } from "./contents.ts";
import { inGroups } from "./groups.ts";
import { meets, type OwedPurge, type OwedPurges } from "./owed-purges.ts";
import type { Schedule } from "./port.ts";
import type { SharedRead, SharedStore } from "./shared-store.ts";
import type { Trust } from "./trust.ts";
import type { WriteQueue } from "./write-queue.ts";

type Entries = readonly StoredEntry[];

export interface TieredStoreParts {
  readonly memory: MemoryStore;
  readonly shared: SharedStore;
  readonly trust: Trust;
  readonly queue: WriteQueue;
  readonly owed: OwedPurges;
  /** Wall-clock ms. */
  readonly now: () => number;
  readonly schedule: Schedule;
  /** Tells the other gateways of a purge; rejects where that failed. */
  readonly publish: (purge: OwedPurge) => Promise<unknown>;
}

/** Between two tries to carry out the purges that are owed, ms. */
const RETRY = 1000;
/** Owed purges that are carried out at once. */
const GROUP = 16;

/**
 * Memory in front of what several gateways share. It answers from memory at once where that may be trusted, and asks the shared
 * tier for the rest; writes go there in the background. Where the shared tier is of no use, memory is all there is: nothing here
 * ever rejects.
 */
export class TieredStore implements CacheStore {
  readonly #parts: TieredStoreParts;
  readonly #asking = new Map<CacheKey, Promise<Entries>>();
  /** Grows with each purge: what was read before one must not be put into memory after it. */
  #era = 0;
  #isSettling = false;
  #cancelRetry: (() => void) | null = null;
  #hits = 0;
  #misses = 0;

  constructor(parts: TieredStoreParts) {
    this.#parts = parts;
  }

  /** Lookups that the shared tier answered with entries that memory had not. */
  get hits(): number {
    return this.#hits;
  }

  /** Lookups for which the shared tier had nothing. */
  get misses(): number {
    return this.#misses;
  }

  get(key: CacheKey, now: number): Entries | Promise<Entries> {
    const { memory, shared, trust, queue } = this.#parts;
    const held = memory.get(key, now);
    if (!shared.isUsable || (held.length > 0 && (trust.covers(held, now) || queue.isWriting(key)))) return held;
    return this.#asking.get(key) ?? this.#ask(key, held, now);
  }

  /** What the shared tier has is not taken into memory. */
  peek(key: CacheKey, now: number): Entries | Promise<Entries> {
    const { memory, shared, trust, queue } = this.#parts;
    const held = memory.peek(key, now);
    if (!shared.isUsable || (held.length > 0 && (trust.covers(held, now) || queue.isWriting(key)))) return held;
    return this.#peekBeyond(key, held, now);
  }

  /** As `get`, but never from memory alone. */
  look(key: CacheKey, now: number): Promise<Entries> {
    return this.#read(key, this.#parts.memory.get(key, now), now);
  }

  versionOf(key: CacheKey, now: number): Version {
    return this.#parts.trust.versionOf(this.#parts.memory.get(key, now));
  }

  put(key: CacheKey, entry: StoredEntry, now: number): boolean {
    const { memory, shared, trust } = this.#parts;
    const isHere = memory.put(key, entry, now);
    trust.own(entry, now);
    const written = this.#write(key, entry, () => shared.add(key, entry, now));
    return isHere || written !== undefined;
  }

  replace(key: CacheKey, previous: StoredEntry, next: StoredEntry): boolean | Promise<boolean> {
    const { memory, shared, trust, now } = this.#parts;
    const isHere = memory.replace(key, previous, next);
    trust.own(next, now());
    const written = this.#write(key, next, () => shared.exchange(key, previous, next));
    return isHere || (written ?? false);
  }

  remove(key: CacheKey, entry: StoredEntry): boolean | Promise<boolean> {
    const { memory, shared, queue } = this.#parts;
    const isHere = memory.remove(key, entry);
    if (!shared.isUsable) return isHere;
    const removed = queue.add(key, 0, () => shared.remove(key, entry).catch(() => false));
    return isHere || (removed ?? false);
  }

  /** What cannot be purged in the shared tier now is owed: until it is, nothing of it is seen from here. */
  async purge(target: PurgeTarget, mode: PurgeMode, now: number): Promise<number> {
    const here = this.purgeHere(target, mode, now);
    const there = await this.#carryOut(this.#parts.owed.add({ target, mode, now }));
    return Math.max(here, there);
  }

  /** Purges in memory alone: another gateway has seen to the rest. */
  purgeHere(target: PurgeTarget, mode: PurgeMode, now: number): number {
    this.#era++;
    return this.#parts.memory.purge(target, mode, now);
  }

  /** In memory; Redis drops by itself what is of no more use. */
  sweep(now: number): number {
    return this.#parts.memory.sweep(now);
  }

  /** Of what is in memory. */
  stats(): StoreStats {
    return this.#parts.memory.stats();
  }

  /** Carries out what is owed; to be called when the shared tier is back. */
  async settle(): Promise<void> {
    const { owed, shared } = this.#parts;
    if (this.#isSettling || !shared.isUsable) return;
    this.#isSettling = true;
    await inGroups(owed.list(), GROUP, (purge) => this.#carryOut(purge));
    this.#isSettling = false;
  }

  close(): void {
    this.#cancelRetry?.();
  }

  #ask(key: CacheKey, held: Entries, now: number): Promise<Entries> {
    const asked = this.#read(key, held, now).finally(() => this.#asking.delete(key));
    this.#asking.set(key, asked);
    return asked;
  }

  async #read(key: CacheKey, held: Entries, now: number): Promise<Entries> {
    const { memory, shared, trust, queue, owed } = this.#parts;
    const era = this.#era;
    const known = trust.versionOf(held);
    let read: SharedRead;
    try {
      read = await shared.read(key, now, known);
    } catch {
      return memory.get(key, now);
    }
    if (read.kind === "entries") this.#count(read.entries);
    const isOutdated = era !== this.#era || owed.mayMeet(key) || queue.isWriting(key);
    if (read.kind === "same") {
      const current = memory.get(key, now);
      if (isOutdated) return current;
      trust.confirm(held, known, now);
      return current.length === 0 ? held : current;
    }
    if (isOutdated) return [...memory.get(key, now), ...owed.apply(key, read.entries)];
    return this.#take(key, held, read, now);
  }

  async #peekBeyond(key: CacheKey, held: Entries, now: number): Promise<Entries> {
    const { shared, trust, owed } = this.#parts;
    try {
      const read = await shared.read(key, now, trust.versionOf(held));
      return read.kind === "same" ? held : owed.apply(key, read.entries);
    } catch {
      return held;
    }
  }

  /** Puts what was read in the place of what memory had then. What was put there since, or is here alone, comes first. */
  #take(key: CacheKey, held: Entries, { entries, version }: SharedRead & { kind: "entries" }, now: number): Entries {
    const { memory, trust } = this.#parts;
    for (const entry of held) if (!trust.isOwn(entry, now)) memory.remove(key, entry);
    const left = memory.get(key, now);
    trust.confirm(entries, version, now);
    for (const entry of entries.toReversed()) memory.put(key, entry, now);
    for (const entry of left.toReversed()) memory.put(key, entry, now);
    return left.length === 0 ? entries : [...left, ...entries];
  }

  #count(entries: Entries): void {
    if (entries.length > 0) this.#hits++;
    else this.#misses++;
  }

  /** In the background; tells whether it was done, undefined where it is not even tried. */
  #write(key: CacheKey, entry: StoredEntry, write: () => Promise<Version | undefined>): Promise<boolean> | undefined {
    const { shared, trust, queue, now } = this.#parts;
    if (!shared.isUsable) return undefined;
    return queue.add(key, entry.size, async () => {
      try {
        const at = now();
        const version = await write();
        if (version !== undefined) trust.confirm([entry], version, at);
        return version !== undefined;
      } catch {
        return false;
      }
    });
  }

  async #carryOut(purge: OwedPurge): Promise<number> {
    const { shared, queue, owed, publish } = this.#parts;
    const { target, mode, now } = purge;
    // What was put before the purge must not come after it.
    await queue.settled((key) => meets(target, key));
    try {
      const met = await shared.purge(target, mode, now);
      // Once more: for what was read from there in between.
      this.purgeHere(target, mode, now);
      await publish(purge);
      owed.settle(purge);
      return met;
    } catch {
      this.#retryLater();
      return 0;
    }
  }

  #retryLater(): void {
    this.#cancelRetry ??= this.#parts.schedule(() => {
      this.#cancelRetry = null;
      void this.settle();
    }, RETRY);
  }
}
