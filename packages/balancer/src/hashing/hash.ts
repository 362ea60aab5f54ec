/** MurmurHash3's 32-bit finaliser: every bit of `value` changes about half of the result's. Source: Appleby, SMHasher. */
export function mix32(value: number): number {
  let hash = value | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/**
 * An unsigned 32-bit hash of a text: FNV-1a over its code units, then `mix32`. Not for secrets.
 * Source: Fowler, Noll, Vo, draft-eastlake-fnv.
 */
export function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return mix32(hash);
}
