import { type CacheKey, MemoryStore, type PurgeMode, type PurgeTarget, type StoredEntry } from "@headgate/cache";
import { NO_VERSION, type Version } from "../src/contents.ts";
import { RedisFailure } from "../src/failure.ts";
import type { SharedRead, SharedStore } from "../src/shared-store.ts";

const BOUNDS = { entries: 10_000, bytes: 100_000_000 };

/** What gateways share, kept in this process: entries are copied on the way in and out, as over a network. */
export class SharedMemory {
  readonly store: MemoryStore = new MemoryStore(BOUNDS);
  readonly versions = new Map<CacheKey, Version>();
  #count = 0;

  touch(key: CacheKey): Version {
    const version = `v1 ${this.#count++}:x` as Version;
    this.versions.set(key, version);
    return version;
  }
}

/** One gateway's way to what is shared; tests take it away, hold it up, or look at what was asked. */
export class FakeShared implements SharedStore {
  isUsable = true;
  isFailing = false;
  readonly calls: string[] = [];
  readonly #memory: SharedMemory;
  #gate: Promise<void> = Promise.resolve();

  constructor(memory: SharedMemory = new SharedMemory()) {
    this.#memory = memory;
  }

  /** What is asked from now on is answered when the returned function is called; what is read is read before. */
  hold(): () => void {
    let open: () => void = () => undefined;
    this.#gate = new Promise((resolve) => {
      open = resolve;
    });
    return open;
  }

  async read(key: CacheKey, now: number, known: Version): Promise<SharedRead> {
    this.#note(`read ${key}`);
    const version = this.#memory.versions.get(key) ?? NO_VERSION;
    const entries = this.#memory.store.get(key, now).map((entry) => ({ ...entry }));
    await this.#gate;
    if (version !== NO_VERSION && version === known) return { kind: "same" };
    return { kind: "entries", version, entries };
  }

  async add(key: CacheKey, entry: StoredEntry, now: number): Promise<Version | undefined> {
    await this.#gate;
    this.#note(`add ${key}`);
    this.#memory.store.put(key, { ...entry }, now);
    return this.#memory.touch(key);
  }

  async exchange(key: CacheKey, previous: StoredEntry, next: StoredEntry): Promise<Version | undefined> {
    await this.#gate;
    this.#note(`replace ${key}`);
    return this.#memory.store.replace(key, previous, { ...next }) ? this.#memory.touch(key) : undefined;
  }

  async remove(key: CacheKey, entry: StoredEntry): Promise<boolean> {
    await this.#gate;
    this.#note(`remove ${key}`);
    this.#memory.touch(key);
    return this.#memory.store.remove(key, entry);
  }

  async purge(target: PurgeTarget, mode: PurgeMode, now: number): Promise<number> {
    await this.#gate;
    this.#note(`purge ${target.kind}`);
    const met = this.#memory.store.purge(target, mode, now);
    for (const key of [...this.#memory.versions.keys()]) this.#memory.touch(key);
    return met;
  }

  #note(call: string): void {
    this.calls.push(call);
    if (!this.isUsable) throw new RedisFailure("down", "out of reach");
    if (this.isFailing) throw new RedisFailure("timeout", "no answer");
  }
}
