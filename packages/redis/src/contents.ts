import { entryOf, type StoredEntry } from "@headgate/cache";
import { decodeBody, decodeHead, encodeBody, encodeHead } from "./entry-codec.ts";
import { asBuffer } from "./reply.ts";

/** Names the variants under a key as they are kept at one moment; equal versions mean equal contents. Empty: there are none. */
export type Version = string & { readonly __brand: "Version" };

export const NO_VERSION: Version = "" as Version;

/** What is kept under a key, and under which names. */
export interface Contents {
  readonly version: Version;
  /** Newest first; what could not be read is left out. Without bodies, each has an empty one of its own in its place. */
  readonly entries: readonly StoredEntry[];
  /** The names of heads and bodies, by the very objects in `entries`. */
  readonly heads: ReadonlyMap<StoredEntry, string>;
  readonly bodies: ReadonlyMap<Buffer, string>;
}

/** What has to be written so that other variants are kept. */
export interface Change {
  readonly version: Version;
  readonly gone: readonly string[];
  /** Names and values, by turns. */
  readonly come: readonly (string | Buffer)[];
}

const PAIR = /([^ :]+):([^ :]+)/g;

export const NOTHING: Contents = { version: NO_VERSION, entries: [], heads: new Map(), bodies: new Map() };

function fieldNames(version: Version): string[] {
  return [...version.matchAll(PAIR)].flatMap(([, head, body]) => [`h${head}`, `b${body}`]);
}

/** Reads the variants from the values of the fields that the version names; `null` where these could not be read. */
export function readContents(version: Version, values: readonly unknown[], withBodies: boolean): Contents {
  const entries: StoredEntry[] = [];
  const heads = new Map<StoredEntry, string>();
  const bodies = new Map<Buffer, string>();
  const step = withBodies ? 2 : 1;
  for (const [index, [, headName = "", bodyName = ""]] of [...version.matchAll(PAIR)].entries()) {
    const head = decoded(decodeHead, values[index * step]);
    const body = withBodies ? decoded(decodeBody, values[index * step + 1]) : Buffer.alloc(0);
    if (head === undefined || body === undefined) continue;
    const entry = entryOf(head, body, head.size);
    entries.push(entry);
    heads.set(entry, headName);
    bodies.set(body, bodyName);
  }
  return { version, entries, heads, bodies };
}

function decoded<T>(decode: (value: Buffer) => T | undefined, value: unknown): T | undefined {
  const bytes = asBuffer(value);
  return bytes === undefined ? undefined : decode(bytes);
}

/** How many variants the version names, readable or not. */
export function countVariants(version: Version): number {
  return [...version.matchAll(PAIR)].length;
}

/**
 * What turns `held` into `next`: heads and bodies that are the very objects of `held` stay where they are.
 * @param newName a name that was never used before
 */
export function planChange(held: Contents, next: readonly StoredEntry[], newName: () => string): Change {
  const come: (string | Buffer)[] = [];
  const kept = new Set<string>();
  const pairs = next.map((entry) => {
    const head = held.heads.get(entry) ?? newName();
    const body = held.bodies.get(entry.body) ?? newName();
    if (!held.heads.has(entry)) come.push(`h${head}`, encodeHead(entry));
    if (!held.bodies.has(entry.body)) come.push(`b${body}`, encodeBody(entry.body));
    kept.add(`h${head}`).add(`b${body}`);
    return `${head}:${body}`;
  });
  const gone = fieldNames(held.version).filter((name) => !kept.has(name));
  return { version: `v1 ${pairs.join(" ")}` as Version, gone, come };
}
