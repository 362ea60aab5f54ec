import type { Hashed } from "./hash-index.ts";
import type { Listed, LruList } from "./lru-list.ts";

/** What `TinyLfu` holds. */
export abstract class Cached<V extends Cached<V>> implements Hashed<V>, Listed<V> {
  readonly key: string;
  readonly hash: number;
  next: V | null = null;
  abstract readonly entries: number;
  abstract readonly bytes: number;
  abstract readonly heap: number;
  list: LruList<V> | null = null;
  older: V | null = null;
  newer: V | null = null;
  /** How often it was asked for of late, as of the sketch's halving `halved`. */
  uses = 0;
  halved = 0;
  /** Asked for again since it was put where it stands in the protected part. */
  again = false;

  /** @param hash `TinyLfu.hashOf` the key */
  constructor(key: string, hash: number) {
    this.key = key;
    this.hash = hash;
  }
}
