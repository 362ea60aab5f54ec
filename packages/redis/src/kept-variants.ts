import type { CacheKey, StoredEntry } from "@headgate/cache";
import {
  type Contents,
  countVariants,
  NO_VERSION,
  NOTHING,
  planChange,
  readContents,
  type Version,
} from "./contents.ts";
import { RedisFailure } from "./failure.ts";
import { type KeySpace, suffixOf } from "./key-space.ts";
import type { Link } from "./link.ts";
import { asList, asNumber, asText } from "./reply.ts";
import { DROP, MEASURE, READ, WRITE } from "./scripts.ts";

/** The variants that are to be kept; undefined where nothing is to be changed. */
export type Edit = (entries: readonly StoredEntry[]) => readonly StoredEntry[] | undefined;

export interface KeptVariantsParts {
  readonly link: Link;
  readonly keys: KeySpace;
  /** A name that no gateway has used before: letters, digits, dots and dashes. */
  readonly newName: () => string;
  /** The most bytes that are read of one key. */
  readonly maxRead: number;
}

/** Times that a change is tried anew when another gateway was quicker. */
const TRIES = 4;

/** The variants under each key: a hash with one head and one body for each (see scripts.ts), changed by compare and set. */
export class KeptVariants {
  readonly #parts: KeptVariantsParts;
  #unreadable = 0;

  constructor(parts: KeptVariantsParts) {
    this.#parts = parts;
  }

  /** Values that were read and turned out foreign, cut off, of another version or too large. */
  get unreadable(): number {
    return this.#unreadable;
  }

  /** All variants with their bodies, unless `known` is still what is kept. */
  async read(key: CacheKey, known: Version): Promise<Contents | "same"> {
    return this.#load(key, true, known);
  }

  /**
   * Changes what is under a key; what is of no more use goes as well.
   * @param bodies whether `edit` needs the bodies; without them entries have empty ones
   * @returns the new version, or undefined where `edit` wanted no change
   */
  async change(key: CacheKey, now: number, bodies: boolean, edit: Edit): Promise<Version | undefined> {
    for (let tries = 0; tries < TRIES; tries++) {
      const held = await this.#load(key, bodies, NO_VERSION);
      const next = held === "same" ? undefined : edit(held.entries);
      if (held === "same" || next === undefined) return undefined;
      const useful = next.filter((entry) => now < entry.keepUntil);
      const version = useful.length === 0 ? await this.#clear(key, held) : await this.#write(key, held, useful, now);
      if (version !== undefined) return version;
    }
    throw new RedisFailure("refused", `other gateways changed ${this.#parts.keys.entry(key)} ${TRIES} times meanwhile`);
  }

  /** Takes all variants away, if they are still of this version ("*": any); returns how many there were. */
  async drop(key: CacheKey, version: Version | "*"): Promise<number> {
    return asNumber(await this.#parts.link.run(DROP, this.#names(key), [suffixOf(key), version]));
  }

  /** How many variants there are, and the bytes they take in Redis. */
  async measure(key: CacheKey): Promise<{ readonly count: number; readonly bytes: number }> {
    const { link, keys } = this.#parts;
    const [count, bytes] = asList(await link.run(MEASURE, [keys.entry(key)], [])).map(asNumber);
    return { count: count ?? 0, bytes: bytes ?? 0 };
  }

  async #load(key: CacheKey, bodies: boolean, known: Version): Promise<Contents | "same"> {
    const { link, keys, maxRead } = this.#parts;
    const args = [known, bodies ? "b" : "", String(maxRead)];
    const reply = asList(await link.run(READ, [keys.entry(key)], args));
    if (reply.length === 0) return NOTHING;
    const version = asText(reply[0]) as Version;
    if (reply.length === 1) return "same";
    const contents = readContents(version, asList(reply[1]), bodies);
    this.#unreadable += countVariants(version) - contents.entries.length;
    return contents;
  }

  async #clear(key: CacheKey, { version }: Contents): Promise<Version | undefined> {
    if (version === NO_VERSION) return NO_VERSION;
    return (await this.drop(key, version)) > 0 ? NO_VERSION : undefined;
  }

  async #write(key: CacheKey, held: Contents, next: readonly StoredEntry[], now: number): Promise<Version | undefined> {
    const { link, newName } = this.#parts;
    const { version, gone, come } = planChange(held, next, newName);
    const lifetime = Math.ceil(Math.max(...next.map(({ keepUntil }) => keepUntil)) - now);
    const told = [String(lifetime), String(now), suffixOf(key), String(gone.length), ...gone, ...come];
    const written = await link.write(WRITE, this.#names(key), [held.version, version, ...told]);
    return asNumber(written) === 1 ? version : undefined;
  }

  #names(key: CacheKey): string[] {
    const { keys } = this.#parts;
    return [keys.entry(key), keys.suffixes(key)];
  }
}
