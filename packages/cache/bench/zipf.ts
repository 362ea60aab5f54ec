// Hit ratios on a Zipf(0.9) trace: plain LRU, W-TinyLFU as the memory store has it, and what no policy can pass.
// `node packages/cache/bench/zipf.ts [requests] [objects] [seed]`; the same numbers print the same figures.
import { seededRandom } from "@headgate/testing";
import { LRUCache } from "lru-cache";
import { Cached } from "../src/cached.ts";
import { TinyLfu } from "../src/tiny-lfu.ts";
import { optimalHits } from "./optimum.ts";

const EXPONENT = 0.9;
const [requests = 1_000_000, objects = 100_000, seed = 1] = process.argv.slice(2).map(Number);
const capacity = Math.floor(objects / 100);

function cumulativeWeights(): Float64Array {
  const cumulative = new Float64Array(objects);
  let sum = 0;
  for (let rank = 0; rank < objects; rank += 1) {
    sum += (rank + 1) ** -EXPONENT;
    cumulative[rank] = sum;
  }
  return cumulative;
}

/** The first rank whose cumulative weight is above `wanted`. */
function findRank(cumulative: Float64Array, wanted: number): number {
  let low = 0;
  let high = cumulative.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((cumulative[middle] ?? 0) > wanted) high = middle;
    else low = middle + 1;
  }
  return low;
}

function makeTrace(cumulative: Float64Array): Uint32Array {
  const random = seededRandom(seed);
  const total = cumulative.at(-1) ?? 0;
  return Uint32Array.from({ length: requests }, () => findRank(cumulative, random() * total));
}

interface Policy {
  readonly get: (key: string) => unknown;
  readonly set: (key: string) => unknown;
}

function countHits(trace: Uint32Array, { get, set }: Policy): number {
  let hits = 0;
  for (const rank of trace) {
    const key = `https://example.com/object/${rank}`;
    if (get(key) === undefined) set(key);
    else hits += 1;
  }
  return hits;
}

function print(name: string, hits: number, ms?: number): void {
  const ratio = `${((100 * hits) / requests).toFixed(2)} %`.padStart(8);
  const cost = ms === undefined ? "" : `${((ms * 1e6) / requests).toFixed(0)} ns a request`;
  process.stdout.write(`${name.padEnd(44)} ${ratio}  ${cost}\n`);
}

function measure(name: string, trace: Uint32Array, policy: Policy): void {
  const start = performance.now();
  print(name, countHits(trace, policy), performance.now() - start);
}

const cumulative = cumulativeWeights();
const trace = makeTrace(cumulative);
const lru = new LRUCache<string, true>({ max: capacity });
const evictNothing = (): void => undefined;
class Item extends Cached<Item> {
  readonly entries: number = 1;
  readonly bytes: number = 1;
  readonly heap: number = 1;
}
const max = { entries: capacity, bytes: capacity * 2, heap: capacity * 2 };
const tinyLfu = new TinyLfu<Item>({ max, seed: 0, onEvict: evictNothing });
const staticOptimum = Math.round((requests * (cumulative[capacity - 1] ?? 0)) / (cumulative.at(-1) ?? 1));

process.stdout.write(
  `${requests} requests, ${objects} objects, Zipf(${EXPONENT}), room for ${capacity}, seed ${seed}\n`,
);
measure("LRU (lru-cache)", trace, { get: (key) => lru.get(key), set: (key) => lru.set(key, true) });
measure("W-TinyLFU", trace, {
  get: (key) => tinyLfu.get(key),
  set: (key) => tinyLfu.set(new Item(key, tinyLfu.hashOf(key))),
});
print("the most popular, known beforehand and kept", staticOptimum);
print("optimum: the future known (Belady, bypassing)", optimalHits(trace, capacity));
