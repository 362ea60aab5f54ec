import { Cached } from "./cached.ts";
import { stringSize } from "./entry-size.ts";
import { urlOfKey } from "./key.ts";
import { expired, type PurgeMode, type PurgeTarget } from "./purge.ts";
import { type CacheStore, type StoreStats, SWEEPS } from "./store.ts";
import { TagIndex } from "./tag-index.ts";
import { TinyLfu } from "./tiny-lfu.ts";
import type { CacheKey, StoredEntry } from "./types.ts";
import { addVariant, removeVariant, replaceVariant } from "./variants.ts";

export interface MemoryStoreOptions {
  /** Entries, variants counted each; 1000. */
  readonly entries?: number | undefined;
  /** Bytes, all counted; 64 MiB. */
  readonly bytes?: number | undefined;
  /** Of these, bytes in the engine's heap: all but the bodies. As many as `bytes` unless set. */
  readonly heap?: number | undefined;
  /** Entries under one key; 64. */
  readonly variants?: number | undefined;
  /** A random integer, against requests made to collide; 0. */
  readonly seed?: number | undefined;
}

/** All entries under one key, newest first. Mostly it is one, for which a list would be two more places in memory for each hit to read. */
class Slot extends Cached<Slot> {
  readonly bytes: number;
  readonly heap: number;
  readonly #newest: StoredEntry;
  readonly #several: readonly StoredEntry[] | null;
  /** When the first of several is of no more use, ms. */
  readonly #keepUntil: number;

  constructor(key: string, hash: number, newest: StoredEntry, variants: readonly StoredEntry[]) {
    super(key, hash);
    this.bytes = variants.reduce((sum, entry) => sum + entry.size, SLOT + stringSize(key));
    this.heap = variants.reduce((sum, entry) => sum - entry.body.length, this.bytes);
    this.#newest = newest;
    this.#several = variants.length === 1 ? null : variants;
    this.#keepUntil = this.#several === null ? 0 : Math.min(...variants.map((entry) => entry.keepUntil));
  }

  get entries(): number {
    return this.#several === null ? 1 : this.#several.length;
  }

  get variants(): readonly StoredEntry[] {
    return this.#several ?? [this.#newest];
  }

  isUsefulAt(now: number): boolean {
    return now < (this.#several === null ? this.#newest.keepUntil : this.#keepUntil);
  }
}

const NONE: readonly StoredEntry[] = Object.freeze([]);
const MIB = 1024 * 1024;
/** The slot itself, its places in the index and the sketch, in bytes. */
const SLOT = 224;

function usefulOf(variants: readonly StoredEntry[], now: number): readonly StoredEntry[] {
  return variants.filter((entry) => now < entry.keepUntil);
}

/** The entries of one process, bound by number, bytes and heap, kept by `TinyLfu`. Answers at once. */
export class MemoryStore implements CacheStore {
  readonly #slots: TinyLfu<Slot>;
  readonly #tags = new TagIndex();
  /** The keys that a policy made of a URL by adding to it; those that are the URL itself need no index. */
  readonly #keysOfUrl = new TagIndex();
  readonly #maxEntries: number;
  readonly #maxBytes: number;
  readonly #maxVariants: number;
  #evicted = 0;
  #swept = 0;

  constructor(options: MemoryStoreOptions = {}) {
    this.#maxEntries = options.entries ?? 1000;
    this.#maxBytes = options.bytes ?? 64 * MIB;
    this.#maxVariants = options.variants ?? 64;
    this.#slots = new TinyLfu({
      max: { entries: this.#maxEntries, bytes: this.#maxBytes, heap: options.heap ?? this.#maxBytes },
      seed: options.seed ?? 0,
      onEvict: (slot) => {
        this.#unindex(slot);
        this.#evicted += slot.entries;
      },
    });
  }

  get(key: CacheKey, now: number): readonly StoredEntry[] {
    const slot = this.#slots.get(key);
    if (slot === undefined) return NONE;
    if (slot.isUsefulAt(now)) return slot.variants;
    const useful = usefulOf(slot.variants, now);
    this.#write(key, useful);
    return useful;
  }

  peek(key: CacheKey, now: number): readonly StoredEntry[] {
    return usefulOf(this.#variantsOf(key), now);
  }

  put(key: CacheKey, entry: StoredEntry, now: number): boolean {
    const variants = addVariant(usefulOf(this.#variantsOf(key), now), entry, this.#maxVariants);
    // Together they may be more than the key is worth; the newest alone, like any newcomer, seldom is.
    return this.#write(key, variants) || (variants.length > 1 && this.#write(key, variants.slice(0, 1)));
  }

  replace(key: CacheKey, previous: StoredEntry, next: StoredEntry): boolean {
    const variants = replaceVariant(this.#variantsOf(key), previous, next);
    return variants !== undefined && this.#write(key, variants);
  }

  remove(key: CacheKey, entry: StoredEntry): boolean {
    const left = removeVariant(this.#variantsOf(key), entry);
    return left !== undefined && this.#write(key, left);
  }

  purge(target: PurgeTarget, mode: PurgeMode, now: number): number {
    const isMet = (entry: StoredEntry): boolean => target.kind !== "tag" || entry.tags.includes(target.tag);
    let met = 0;
    for (const key of this.#keysOf(target)) {
      const held = this.#variantsOf(key);
      met += held.filter(isMet).length;
      const left =
        mode === "hard"
          ? held.filter((entry) => !isMet(entry))
          : held.map((entry) => (isMet(entry) ? expired(entry, now) : entry));
      this.#write(key, left);
    }
    return met;
  }

  sweep(now: number): number {
    const useless: Slot[] = [];
    for (const slot of this.#slots.portion(this.#swept, SWEEPS)) if (!slot.isUsefulAt(now)) useless.push(slot);
    this.#swept = (this.#swept + 1) % SWEEPS;
    let dropped = 0;
    for (const { key, variants } of useless) {
      const useful = usefulOf(variants, now);
      dropped += variants.length - useful.length;
      this.#write(key, useful);
    }
    return dropped;
  }

  stats(): StoreStats {
    return {
      entries: this.#slots.entries,
      bytes: this.#slots.bytes,
      maxEntries: this.#maxEntries,
      maxBytes: this.#maxBytes,
      evicted: this.#evicted,
    };
  }

  #variantsOf(key: string): readonly StoredEntry[] {
    return this.#slots.peek(key)?.variants ?? NONE;
  }

  #keysOf(target: PurgeTarget): string[] {
    if (target.kind === "url") return [target.key, ...this.#keysOfUrl.keysOf(target.key)];
    if (target.kind === "tag") return this.#tags.keysOf(target.tag);
    const keys = this.#slots.keys();
    return target.kind === "all" ? keys : keys.filter((key) => key.startsWith(target.prefix));
  }

  /** Puts these entries in the place of those under a key; without any, the key goes. */
  #write(key: string, variants: readonly StoredEntry[]): boolean {
    const previous = this.#slots.peek(key);
    if (previous !== undefined) this.#unindex(previous);
    const [newest] = variants;
    if (newest === undefined) {
      this.#slots.delete(key);
      return true;
    }
    const slot = new Slot(key, previous?.hash ?? this.#slots.hashOf(key), newest, variants);
    this.#index(slot);
    return this.#slots.set(slot);
  }

  #index({ key, variants }: Slot): void {
    for (const { tags } of variants) for (const tag of tags) this.#tags.add(tag, key);
    const url = urlOfKey(key as CacheKey);
    if (url !== key) this.#keysOfUrl.add(url, key);
  }

  #unindex({ key, variants }: Slot): void {
    for (const { tags } of variants) for (const tag of tags) this.#tags.delete(tag, key);
    const url = urlOfKey(key as CacheKey);
    if (url !== key) this.#keysOfUrl.delete(url, key);
  }
}
