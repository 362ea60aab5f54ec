import {
  addVariant,
  type CacheKey,
  type CacheStore,
  expired,
  type PurgeMode,
  type PurgeTarget,
  removeVariant,
  replaceVariant,
  type StoredEntry,
  type StoreStats,
} from "@headgate/cache";
import { NO_VERSION, type Version } from "./contents.ts";
import { inGroups, unique } from "./groups.ts";
import { KeptVariants } from "./kept-variants.ts";
import type { KeySpace } from "./key-space.ts";
import type { Link } from "./link.ts";
import { ENLIST } from "./scripts.ts";
import type { SharedRead, SharedStore } from "./shared-store.ts";

export interface RedisStoreParts {
  readonly link: Link;
  readonly keys: KeySpace;
  /** Wall-clock ms, for what comes without its time. */
  readonly now: () => number;
  /** A name that no gateway has used before: letters, digits, dots and dashes. */
  readonly newName: () => string;
  /** Bytes of all variants under a key; what is larger is not kept. 1 MiB. */
  readonly maxBytes?: number | undefined;
  /** Variants under a key; 64. */
  readonly variants?: number | undefined;
}

/** Keys that are purged at once. */
const GROUP = 64;

/**
 * Entries in Redis, Valkey or a Redis Cluster, for several gateways. Every method rejects with `RedisFailure` where Redis is of
 * no use; `TieredStore` lives with that. Redis drops what is of no more use by itself.
 */
export class RedisStore implements CacheStore, SharedStore {
  readonly #link: Link;
  readonly #keys: KeySpace;
  readonly #now: () => number;
  readonly #maxBytes: number;
  readonly #maxVariants: number;
  readonly #kept: KeptVariants;

  constructor({ link, keys, now, newName, maxBytes = 1024 * 1024, variants = 64 }: RedisStoreParts) {
    this.#link = link;
    this.#keys = keys;
    this.#now = now;
    this.#maxBytes = maxBytes;
    this.#maxVariants = variants;
    // In Redis heads are written out, and a little larger than `size` says.
    this.#kept = new KeptVariants({ link, keys, newName, maxRead: 2 * maxBytes + 65_536 });
  }

  get isUsable(): boolean {
    return this.#link.isUp;
  }

  /** Values that were read and turned out foreign, cut off, of another version or too large. */
  get unreadable(): number {
    return this.#kept.unreadable;
  }

  async get(key: CacheKey, now: number): Promise<readonly StoredEntry[]> {
    const read = await this.read(key, now, NO_VERSION);
    return read.kind === "entries" ? read.entries : [];
  }

  peek(key: CacheKey, now: number): Promise<readonly StoredEntry[]> {
    return this.get(key, now);
  }

  async read(key: CacheKey, now: number, known: Version): Promise<SharedRead> {
    const found = await this.#kept.read(key, known);
    if (found === "same") return { kind: "same" };
    return { kind: "entries", version: found.version, entries: found.entries.filter((entry) => now < entry.keepUntil) };
  }

  async put(key: CacheKey, entry: StoredEntry, now: number): Promise<boolean> {
    return (await this.add(key, entry, now)) !== undefined;
  }

  async add(key: CacheKey, entry: StoredEntry, now: number): Promise<Version | undefined> {
    if (entry.size > this.#maxBytes || entry.keepUntil <= now) return undefined;
    await this.#enlist(key, entry, now);
    // Only parts are joined with what is there; for all else the heads are enough.
    return this.#kept.change(key, now, entry.part !== null, (entries) =>
      this.#fitting(addVariant(entries, entry, this.#maxVariants)),
    );
  }

  async replace(key: CacheKey, previous: StoredEntry, next: StoredEntry): Promise<boolean> {
    return (await this.exchange(key, previous, next)) !== undefined;
  }

  async exchange(key: CacheKey, previous: StoredEntry, next: StoredEntry): Promise<Version | undefined> {
    const now = this.#now();
    await this.#enlist(key, next, now);
    return this.#kept.change(key, now, false, (entries) => {
      const variants = replaceVariant(entries, previous, next);
      const at = variants?.indexOf(next) ?? -1;
      const held = entries[at];
      // A validation changes the head alone: the body that is there stays.
      const isSameBody = held !== undefined && next.body === previous.body;
      return isSameBody ? variants?.with(at, { ...next, body: held.body }) : variants;
    });
  }

  async remove(key: CacheKey, entry: StoredEntry): Promise<boolean> {
    const version = await this.#kept.change(key, this.#now(), false, (entries) => removeVariant(entries, entry));
    return version !== undefined;
  }

  purge(target: PurgeTarget, mode: PurgeMode, now: number): Promise<number> {
    if (mode === "hard" && target.kind !== "tag")
      return this.#sumOver(this.#keysOf(target), (key) => this.#kept.drop(key, "*"));
    const isMet = (entry: StoredEntry): boolean => target.kind !== "tag" || entry.tags.includes(target.tag);
    return this.#sumOver(this.#keysOf(target), (key) =>
      this.#changeMet(key, now, isMet, (entries) =>
        mode === "hard"
          ? entries.filter((entry) => !isMet(entry))
          : entries.map((entry) => (isMet(entry) ? expired(entry, now) : entry)),
      ),
    );
  }

  /** Walks over all keys: for tests and tools. */
  sweep(now: number): Promise<number> {
    const isOver = ({ keepUntil }: StoredEntry): boolean => keepUntil <= now;
    return this.#sumOver(this.#keysOf({ kind: "all" }), (key) =>
      this.#changeMet(key, now, isOver, (entries) => entries.filter((entry) => !isOver(entry))),
    );
  }

  /** Walks over all keys: for tests and tools. There is no bound but that of Redis itself. */
  async stats(): Promise<StoreStats> {
    let bytes = 0;
    const entries = await this.#sumOver(this.#keysOf({ kind: "all" }), async (key) => {
      const measured = await this.#kept.measure(key);
      if (measured.count > 0) bytes += measured.bytes;
      return measured.count;
    });
    return { entries, bytes, maxEntries: Number.POSITIVE_INFINITY, maxBytes: Number.POSITIVE_INFINITY, evicted: 0 };
  }

  /** Edits the variants of a key if some of them are met, and tells how many. */
  async #changeMet(
    key: CacheKey,
    now: number,
    isMet: (entry: StoredEntry) => boolean,
    edit: (entries: readonly StoredEntry[]) => readonly StoredEntry[],
  ): Promise<number> {
    let met = 0;
    await this.#kept.change(key, now, false, (entries) => {
      met = entries.filter(isMet).length;
      return met === 0 ? undefined : edit(entries);
    });
    return met;
  }

  /** Before the entry is written: so no purge by tag can miss it. */
  async #enlist(key: CacheKey, { tags, keepUntil }: StoredEntry, now: number): Promise<void> {
    const args = [key, String(Math.ceil(keepUntil - now)), String(now)];
    await Promise.all(tags.map((tag) => this.#link.write(ENLIST, [this.#keys.tag(tag)], args)));
  }

  /** The newest that have room together. */
  #fitting(variants: readonly StoredEntry[]): readonly StoredEntry[] {
    let bytes = 0;
    return variants.filter(({ size }) => {
      bytes += size;
      return bytes <= this.#maxBytes;
    });
  }

  async *#keysOf(target: PurgeTarget): AsyncGenerator<readonly CacheKey[]> {
    if (target.kind === "tag") {
      yield* this.#link.members(this.#keys.tag(target.tag)) as AsyncGenerator<readonly CacheKey[]>;
    } else if (target.kind === "url") {
      yield [target.key];
      for await (const page of this.#link.members(this.#keys.suffixes(target.key)))
        yield page.map((suffix) => (target.key + suffix) as CacheKey);
    } else {
      const pattern = this.#keys.entriesOf(target.kind === "prefix" ? target.prefix : "");
      for await (const page of this.#link.names(pattern))
        yield page.map((name) => this.#keys.keyOf(name)).filter((key) => key !== undefined);
    }
  }

  async #sumOver(pages: AsyncIterable<readonly CacheKey[]>, work: (key: CacheKey) => Promise<number>): Promise<number> {
    let sum = 0;
    for await (const page of unique(pages)) for (const count of await inGroups(page, GROUP, work)) sum += count;
    return sum;
  }
}
