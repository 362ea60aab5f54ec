import type { Backend } from "../backend.ts";
import { firstAbove } from "../policies/search.ts";
import { hash32, mix32 } from "./hash.ts";
import type { HashTable } from "./hash-table.ts";

/** Points on the ring for a backend of weight 1. */
const POINTS = 160;
/** Beyond so many points in all, every backend has fewer. */
const MOST_POINTS = 1 << 18;
/** A point and its owner are sorted as one number: the owner in the lower 18 bits. */
const OWNER = 1 << 18;

/**
 * A ketama ring: each backend owns what lies before its points, 160 of them times its weight. One of N that leaves
 * gives away 1/N of the hashes and moves no others; lookup is O(log n).
 * Source: libketama; nginx `hash ... consistent`.
 */
export function buildRing(backends: readonly Backend[]): HashTable {
  const wanted = backends.reduce((sum, { weight }) => sum + weight * POINTS, 0);
  const scale = Math.min(1, MOST_POINTS / wanted) * POINTS;
  const counts = backends.map(({ weight }) => Math.max(1, Math.round(weight * scale)));
  const packed = new Float64Array(counts.reduce((sum, count) => sum + count, 0));
  let filled = 0;
  backends.forEach(({ id }, owner) => {
    const seed = hash32(id);
    const count = counts[owner] ?? 0;
    for (let index = 0; index < count; index++) {
      packed[filled++] = mix32(seed ^ Math.imul(index, 0x9e3779b1)) * OWNER + owner;
    }
  });
  packed.sort();
  return unpack(packed);
}

function unpack(packed: Float64Array): HashTable {
  const points = new Uint32Array(packed.length);
  const owners = new Uint32Array(packed.length);
  for (let index = 0; index < packed.length; index++) {
    const value = packed[index] ?? 0;
    points[index] = Math.floor(value / OWNER);
    owners[index] = value % OWNER;
  }
  return { owners, slotOf: (hash) => firstAbove(points, hash) % owners.length };
}
