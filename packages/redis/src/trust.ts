import type { StoredEntry } from "@headgate/cache";
import { NO_VERSION, type Version } from "./contents.ts";

/** Since when, and as what, an entry in memory is known to be what is kept in Redis. */
interface Origin {
  /** `NO_VERSION`: it is not known to be in Redis at all. */
  readonly version: Version;
  readonly at: number;
}

/**
 * Which entries in memory may be used without asking Redis. What came from there, or went there, is trusted for a short time
 * only, so that a purge that was missed does no lasting harm. What is here alone is trusted as long as purges are heard of.
 */
export class Trust {
  readonly #lifetime: number;
  readonly #origins = new WeakMap<StoredEntry, Origin>();
  #since = Number.POSITIVE_INFINITY;
  #isHearing = false;

  /** @param lifetime ms */
  constructor(lifetime: number) {
    this.#lifetime = lifetime;
  }

  get isHearing(): boolean {
    return this.#isHearing;
  }

  /** From now on no purge is missed; those before may have been. */
  hearsFrom(now: number): void {
    this.#isHearing = true;
    this.#since = now;
  }

  /** Purges of others are no longer heard of. */
  isDeaf(): void {
    this.#isHearing = false;
    this.#since = Number.POSITIVE_INFINITY;
  }

  /** These entries are what is kept in Redis under that version. */
  confirm(entries: readonly StoredEntry[], version: Version, now: number): void {
    const origin: Origin = { version, at: now };
    for (const entry of entries) this.#origins.set(entry, origin);
  }

  /** An entry that was made here. */
  own(entry: StoredEntry, now: number): void {
    this.#origins.set(entry, { version: NO_VERSION, at: now });
  }

  /** Whether all of these may be used as they are. */
  covers(entries: readonly StoredEntry[], now: number): boolean {
    for (const entry of entries) {
      const origin = this.#origins.get(entry);
      if (origin === undefined || !this.#holds(origin, now)) return false;
    }
    return true;
  }

  /** Whether an entry is known to be here alone, and may be used as it is. */
  isOwn(entry: StoredEntry, now: number): boolean {
    const origin = this.#origins.get(entry);
    return origin?.version === NO_VERSION && this.#holds(origin, now);
  }

  /** The version by which Redis may say that nothing has changed. */
  versionOf(entries: readonly StoredEntry[]): Version {
    const [first, ...rest] = entries.map((entry) => this.#origins.get(entry)?.version ?? NO_VERSION);
    return first !== undefined && rest.every((version) => version === first) ? first : NO_VERSION;
  }

  #holds({ version, at }: Origin, now: number): boolean {
    if (now - at < this.#lifetime) return at >= this.#since || !this.#isHearing;
    return version === NO_VERSION && at >= this.#since;
  }
}
