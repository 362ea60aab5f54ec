import { type CacheKey, urlOfKey } from "@headgate/cache";

/** Takes the meaning from what `SCAN MATCH` would read as a pattern. */
function escapeGlob(text: string): string {
  return text.replace(/[\\*?[\]^-]/g, "\\$&");
}

/**
 * The names of everything kept in Redis. What belongs to one URL bears it as hash tag, `{https://host/path}`, so that a cluster
 * keeps it in one slot (https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags).
 */
export class KeySpace {
  readonly #prefix: string;
  readonly #entries: string;

  /** @param prefix tells the data of different installations apart, such as `headgate:` */
  constructor(prefix: string) {
    this.#prefix = prefix;
    this.#entries = `${prefix}e{`;
  }

  /** The hash with all variants under a key. */
  entry(key: CacheKey): string {
    return this.#ofUrl("e", key) + suffixOf(key);
  }

  /** The sorted set of what policies added to this key's URL, by the time until which it is of use. */
  suffixes(key: CacheKey): string {
    return this.#ofUrl("u", key);
  }

  /** Who fetches what is asked for under this key. */
  lease(key: CacheKey): string {
    return this.#ofUrl("l", key) + suffixOf(key);
  }

  /** Whether somebody waits for that. */
  awaited(key: CacheKey): string {
    return this.#ofUrl("w", key) + suffixOf(key);
  }

  /** The sorted set of the keys with this tag, by the time until which they are of use. */
  tag(tag: string): string {
    return `${this.#prefix}t{${tag}}`;
  }

  /** A pattern for the entries of all URLs that begin so. */
  entriesOf(urlPrefix: string): string {
    return `${escapeGlob(this.#entries + urlPrefix)}*`;
  }

  /** The key whose entries a name stands for; undefined where it is none of ours. */
  keyOf(name: string): CacheKey | undefined {
    if (!name.startsWith(this.#entries)) return undefined;
    const feed = name.indexOf("\n");
    const close = feed < 0 ? name.length - 1 : feed - 1;
    if (name[close] !== "}") return undefined;
    return (name.slice(this.#entries.length, close) + name.slice(close + 1)) as CacheKey;
  }

  #ofUrl(kind: string, key: CacheKey): string {
    return `${this.#prefix}${kind}{${urlOfKey(key)}}`;
  }
}

/** What a policy has added to the URL of a key; mostly nothing. */
export function suffixOf(key: CacheKey): string {
  return key.slice(urlOfKey(key).length);
}
