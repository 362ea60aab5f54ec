import { hash, timingSafeEqual } from "node:crypto";

/** A credential of one client; `name` stands in logs and limits, the key never does. */
export interface ApiKey {
  readonly name: string;
  readonly key: string;
}

export type Identification =
  | { readonly kind: "identified"; readonly name: string }
  | { readonly kind: "missing" }
  | { readonly kind: "invalid" };

/** The keys that are let in. */
export interface KeyRing {
  /** Whose key this is; an empty value counts as none. */
  readonly identify: (presented: string | undefined) => Identification;
}

/** The key of the development defaults: public, so never to be served with in production. */
export const DEFAULT_API_KEY: string = "test-api-key-123";
/** Shorter keys are within reach of guessing. */
export const MIN_KEY_LENGTH: number = 16;

const MISSING: Identification = { kind: "missing" };
const INVALID: Identification = { kind: "invalid" };

interface Entry {
  readonly digest: Buffer;
  readonly identified: Identification;
}

/**
 * Keeps keys as SHA-256 digests only and compares each presented one with all of them in constant time: neither a memory
 * dump nor the time of an answer tells a key, and there is no memo for the same reason. Digests are of equal length, so
 * lengths do not tell either.
 * @param secret random per process, hashed in front of each key: digests are then of no use outside of it
 * @throws Error where two entries have the same key, or one is empty
 */
export function createKeyRing(keys: readonly ApiKey[], secret = ""): KeyRing {
  const digest = (key: string) => hash("sha256", secret + key, "buffer");
  assertDistinct(keys);
  const entries = keys.map(
    ({ name, key }): Entry => ({ digest: digest(key), identified: { kind: "identified", name } }),
  );
  return { identify: (presented) => (presented ? findEntry(entries, digest(presented)) : MISSING) };
}

function assertDistinct(keys: readonly ApiKey[]): void {
  const owners = new Map<string, string>();
  for (const { name, key } of keys) {
    if (key === "") throw new Error(`The API key "${name}" is empty; expected at least one character.`);
    const owner = owners.get(key);
    if (owner !== undefined) {
      throw new Error(`The API keys "${owner}" and "${name}" are the same; give each client its own.`);
    }
    owners.set(key, name);
  }
}

/** Goes through all entries, whichever fits. */
function findEntry(entries: readonly Entry[], presented: Buffer): Identification {
  let found = INVALID;
  for (const entry of entries) if (timingSafeEqual(entry.digest, presented)) found = entry.identified;
  return found;
}

/** A key that should not be used, and why. */
export interface WeakKey {
  readonly name: string;
  readonly reason: "default" | "short";
}

/** The keys to warn of: the development key, and those shorter than 16 characters. */
export function weakKeys(keys: readonly ApiKey[]): WeakKey[] {
  const weak: WeakKey[] = [];
  for (const { name, key } of keys) {
    if (key === DEFAULT_API_KEY) weak.push({ name, reason: "default" });
    else if (key.length < MIN_KEY_LENGTH) weak.push({ name, reason: "short" });
  }
  return weak;
}
