import { heapForCache, tellCacheHeap } from "../src/cli/cache-heap.ts";

const MIB = 2 ** 20;

test.each([
  { limit: 4192, used: 26, options: "", heap: 2035 },
  { limit: 224, used: 28, options: "--enable-source-maps", heap: 50 },
  { limit: 100, used: 20, options: "", heap: 0 },
  { limit: 640, used: 26, options: "--max-semi-space-size=1 --max_semi_space_size=128", heap: 115 },
])("with a limit of $limit MiB, $used used, and '$options' the cache gets $heap MiB", (each) => {
  const { limit, used, options, heap } = each;
  expect(heapForCache({ limit: limit * MIB, used: used * MIB, options })).toBe(heap * MIB);
});

test("a cache that may take more than that is told how much, another nothing", () => {
  const told: string[] = [];
  const tell = (text: string): void => void told.push(text);
  tellCacheHeap(64 * MIB, 64 * MIB, tell);
  tellCacheHeap(8192 * MIB, 2000 * MIB + 1, tell);
  expect(told).toEqual([
    "cache.memory is 8GiB: bodies may take all of it, what is kept beside them at most 2000MiB, since that lies in Node's heap; NODE_OPTIONS=--max-old-space-size=<MiB> makes that larger",
  ]);
});
