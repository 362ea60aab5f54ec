import { type CacheKey, expired, type PurgeMode, type PurgeTarget, type StoredEntry, urlOfKey } from "@headgate/cache";

/** A purge that Redis and the other gateways still have to learn of. */
export interface OwedPurge {
  readonly target: PurgeTarget;
  readonly mode: PurgeMode;
  readonly now: number;
}

const ALL: PurgeTarget = { kind: "all" };
const MODES: readonly PurgeMode[] = ["hard", "soft"];

/** Whether a purge is aimed at what is under this key; one by tag may be. */
export function meets(target: PurgeTarget, key: CacheKey): boolean {
  if (target.kind === "url") return urlOfKey(key) === target.key;
  return target.kind !== "prefix" || key.startsWith(target.prefix);
}

function nameOf({ target, mode }: Pick<OwedPurge, "target" | "mode">): string {
  const { kind } = target;
  const of = kind === "url" ? target.key : kind === "prefix" ? target.prefix : kind === "tag" ? target.tag : "";
  return `${mode} ${kind} ${of}`;
}

/**
 * Purges that could not be carried out in Redis yet. Until they are, what is read from there is seen as if they had been. When
 * there are too many, everything is purged in their place.
 */
export class OwedPurges {
  readonly #max: number;
  readonly #owed = new Map<string, OwedPurge>();
  /** The names of those that are not for one URL. */
  readonly #wide = new Set<string>();

  /** @param max 10 000 */
  constructor(max: number = 10_000) {
    this.#max = max;
  }

  get size(): number {
    return this.#owed.size;
  }

  list(): OwedPurge[] {
    return [...this.#owed.values()];
  }

  /** Returns what is owed now: the purge, or one of everything. */
  add(purge: OwedPurge): OwedPurge {
    const isTooMuch = this.#owed.size >= this.#max;
    if (isTooMuch) {
      this.#owed.clear();
      this.#wide.clear();
    }
    const owed: OwedPurge = isTooMuch ? { target: ALL, mode: "hard", now: purge.now } : purge;
    const name = nameOf(owed);
    this.#owed.set(name, owed);
    if (owed.target.kind !== "url") this.#wide.add(name);
    return owed;
  }

  /** Carried out. Does nothing where the same was asked for again meanwhile: then that is still owed. */
  settle(purge: OwedPurge): void {
    const name = nameOf(purge);
    if (this.#owed.get(name) !== purge) return;
    this.#owed.delete(name);
    this.#wide.delete(name);
  }

  /** Whether anything that is owed may meet what is under a key. */
  mayMeet(key: CacheKey): boolean {
    return this.#owed.size > 0 && this.#of(key).length > 0;
  }

  /** The entries of a key as they are once all that is owed has been carried out. */
  apply(key: CacheKey, entries: readonly StoredEntry[]): readonly StoredEntry[] {
    return this.#of(key).reduce((left, purge) => applied(purge, left), entries);
  }

  #of(key: CacheKey): OwedPurge[] {
    const target: PurgeTarget = { kind: "url", key: urlOfKey(key) };
    const narrow = MODES.map((mode) => this.#owed.get(nameOf({ target, mode })));
    const wide = [...this.#wide].map((name) => this.#owed.get(name));
    return [...narrow, ...wide].filter((purge) => purge !== undefined && meets(purge.target, key)) as OwedPurge[];
  }
}

function applied({ target, mode, now }: OwedPurge, entries: readonly StoredEntry[]): readonly StoredEntry[] {
  const isMet = (entry: StoredEntry): boolean => target.kind !== "tag" || entry.tags.includes(target.tag);
  if (mode === "hard") return entries.filter((entry) => !isMet(entry));
  return entries.map((entry) => (isMet(entry) ? expired(entry, now) : entry));
}
