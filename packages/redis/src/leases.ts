import type { CacheKey, Lease, LeaseStore, LeaseTurn, StoredEntry } from "@headgate/cache";
import { BoundedWait } from "./bounded-wait.ts";
import type { Version } from "./contents.ts";
import type { KeySpace } from "./key-space.ts";
import type { Link } from "./link.ts";
import type { Schedule } from "./port.ts";
import { asList, asNumber, asText } from "./reply.ts";
import { ACQUIRE, RELEASE } from "./scripts.ts";
import type { WriteQueue } from "./write-queue.ts";

/** The two tiers together, as far as leases need them. */
export interface Seen {
  /** The version of what is in memory under a key. */
  versionOf(key: CacheKey, now: number): Version;
  /** What is stored under a key now, by whichever gateway; never rejects. */
  look(key: CacheKey, now: number): Promise<readonly StoredEntry[]>;
}

export interface LeasesParts {
  readonly link: Pick<Link, "isSteady" | "send" | "run" | "write">;
  readonly keys: KeySpace;
  readonly queue: WriteQueue;
  readonly seen: Seen;
  readonly schedule: Schedule;
  /** 0 (included) to 1 (excluded). */
  readonly random: () => number;
  readonly now: () => number;
  /** A name that no lease has had before. */
  readonly newName: () => string;
  /** The channel on which it is said that a lease has ended; the text is its key. */
  readonly channel: string;
}

const ALONE: LeaseTurn = { kind: "alone" };

/** Leases as keys in Redis that end by themselves; whoever waits is told when one is handed back. */
export class Leases implements LeaseStore {
  readonly #parts: LeasesParts;
  readonly #waits = new Map<string, Set<BoundedWait>>();

  constructor(parts: LeasesParts) {
    this.#parts = parts;
  }

  /** Asks only where Redis answers for certain, so that a request that found it slow does not wait for it twice. */
  async acquire(key: CacheKey, patience: number): Promise<LeaseTurn> {
    const { link, keys, newName } = this.#parts;
    if (!link.isSteady) return ALONE;
    const name = newName();
    // It listens before it asks: what is said in between must not be missed.
    const wait = this.#newWait(key);
    try {
      const names = [keys.lease(key), keys.awaited(key), keys.entry(key)];
      const [isMine, version] = asList(await link.write(ACQUIRE, names, [name, String(patience)]));
      if (asNumber(isMine) === 1) {
        wait.stop();
        return { kind: "lead", lease: this.#lease(key, name, asText(version) as Version) };
      }
    } catch {
      wait.stop();
      return ALONE;
    }
    wait.start(patience);
    return { kind: "wait", wait };
  }

  look(key: CacheKey, now: number): Promise<readonly StoredEntry[]> {
    return this.#parts.seen.look(key, now);
  }

  /** It is said that a lease has ended. */
  heard(key: string): void {
    for (const wait of this.#waits.get(key) ?? []) wait.stop();
  }

  /** Nobody waits any longer. */
  close(): void {
    for (const key of [...this.#waits.keys()]) this.heard(key);
  }

  #lease(key: CacheKey, name: string, version: Version): Lease {
    const { seen, now } = this.#parts;
    let isOver = false;
    return {
      isLate: version !== seen.versionOf(key, now()),
      release: () => {
        if (!isOver) this.#release(key, name);
        isOver = true;
      },
    };
  }

  /** Behind the writes under the key, so that whoever is told finds what was fetched. Where it fails the lease ends by itself. */
  #release(key: CacheKey, name: string): void {
    const { link, keys, queue, channel } = this.#parts;
    const names = [keys.lease(key), keys.awaited(key)];
    const release = (): Promise<unknown> => link.run(RELEASE, names, [name, channel, key]).catch(() => undefined);
    void queue.add(key, 0, release);
  }

  #newWait(key: CacheKey): BoundedWait {
    const { schedule, random } = this.#parts;
    const isHeld = (): Promise<boolean> => this.#isHeld(key);
    const wait: BoundedWait = new BoundedWait({ schedule, random, isHeld, onOver: () => this.#forget(key, wait) });
    const others = this.#waits.get(key) ?? new Set();
    this.#waits.set(key, others.add(wait));
    return wait;
  }

  #forget(key: CacheKey, wait: BoundedWait): void {
    const others = this.#waits.get(key);
    others?.delete(wait);
    if (others?.size === 0) this.#waits.delete(key);
  }

  async #isHeld(key: CacheKey): Promise<boolean> {
    const { link, keys } = this.#parts;
    try {
      return asNumber(await link.send(["EXISTS", keys.lease(key)])) === 1;
    } catch {
      return false;
    }
  }
}
