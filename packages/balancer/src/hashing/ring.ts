import type { Backend } from "../backend.ts";
import { firstAbove } from "../policies/search.ts";
import { hash32, mix32 } from "./hash.ts";
import type { HashTable } from "./hash-table.ts";

/** Points on the ring for a backend of weight 1. */
const POINTS = 160;
/** Beyond so many points in all, every backend has fewer. */
const MOST_POINTS = 1 << 18;
/** Points are sorted by their upper 16 bits first, which leaves a few in each bucket. */
const BUCKETS = 1 << 16;

/**
 * A ketama ring: each backend owns what lies before its points, 160 of them times its weight. One of N that leaves
 * gives away 1/N of the hashes and moves no others; lookup is O(log n).
 * Source: libketama; nginx `hash ... consistent`.
 */
export function buildRing(backends: readonly Backend[]): HashTable {
  const wanted = backends.reduce((sum, { weight }) => sum + weight * POINTS, 0);
  const scale = Math.min(1, MOST_POINTS / wanted) * POINTS;
  const counts = backends.map(({ weight }) => Math.max(1, Math.round(weight * scale)));
  const total = counts.reduce((sum, count) => sum + count, 0);
  const points = new Uint32Array(total);
  const owners = new Uint32Array(total);
  let filled = 0;
  backends.forEach(({ id }, owner) => {
    const seed = hash32(id);
    const count = counts[owner] ?? 0;
    for (let index = 0; index < count; index++) {
      points[filled] = mix32(seed ^ Math.imul(index, 0x9e3779b1));
      owners[filled++] = owner;
    }
  });
  return sorted(points, owners);
}

/** Buckets, and insertion within them: O(n), since hashes are spread evenly. Equal points keep their order. */
function sorted(points: Uint32Array, owners: Uint32Array): HashTable {
  const ends = bucketStarts(points);
  const sortedPoints = new Uint32Array(points.length);
  const sortedOwners = new Uint32Array(points.length);
  for (let index = 0; index < points.length; index++) {
    const point = points[index] ?? 0;
    const bucket = point >>> 16;
    let place = ends[bucket] ?? 0;
    ends[bucket] = place + 1;
    for (; place > 0 && (sortedPoints[place - 1] ?? 0) > point; place--) {
      sortedPoints[place] = sortedPoints[place - 1] ?? 0;
      sortedOwners[place] = sortedOwners[place - 1] ?? 0;
    }
    sortedPoints[place] = point;
    sortedOwners[place] = owners[index] ?? 0;
  }
  return { owners: sortedOwners, slotOf: (hash) => firstAbove(sortedPoints, hash) % sortedOwners.length };
}

/** How many points lie before each bucket. */
function bucketStarts(points: Uint32Array): Uint32Array {
  const starts = new Uint32Array(BUCKETS);
  for (const point of points) {
    const bucket = point >>> 16;
    starts[bucket] = (starts[bucket] ?? 0) + 1;
  }
  let before = 0;
  for (let bucket = 0; bucket < BUCKETS; bucket++) {
    const count = starts[bucket] ?? 0;
    starts[bucket] = before;
    before += count;
  }
  return starts;
}
