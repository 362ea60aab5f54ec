import { heapForCache, tellCacheHeap } from "../src/cli/cache-heap.ts";

const MIB = 2 ** 20;

test.each([
  { limit: 4192, used: 26, heap: 2035 },
  { limit: 224, used: 28, heap: 50 },
  { limit: 100, used: 20, heap: 0 },
])("with a limit of $limit MiB, of which $used are used, the cache gets $heap MiB", ({ limit, used, heap }) => {
  expect(heapForCache({ limit: limit * MIB, used: used * MIB })).toBe(heap * MIB);
});

test("a cache that may take more than that is told how much, another nothing", () => {
  const told: string[] = [];
  const tell = (text: string): void => void told.push(text);
  tellCacheHeap(64 * MIB, 64 * MIB, tell);
  tellCacheHeap(8192 * MIB, 2000 * MIB + 1, tell);
  expect(told).toEqual([
    "cache.memory is 8GiB: bodies may take all of it, what is kept beside them 2000MiB, since it lies in Node's heap; NODE_OPTIONS=--max-old-space-size=<MiB> makes that larger",
  ]);
});
