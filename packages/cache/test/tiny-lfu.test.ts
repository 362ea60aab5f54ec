import { forAll, seededRandom } from "@headgate/testing";
import * as fc from "fast-check";
import { Cached } from "../src/cached.ts";
import { CountMinSketch, hashText } from "../src/count-min-sketch.ts";
import { TinyLfu } from "../src/tiny-lfu.ts";

class Item extends Cached<Item> {
  readonly entries: number;
  readonly bytes: number;
  readonly heap: number;

  constructor(key: string, hash: number, weight: { entries: number; bytes: number; heap: number }) {
    super(key, hash);
    this.entries = weight.entries;
    this.bytes = weight.bytes;
    this.heap = weight.heap;
  }
}

/** A cache of names, with a list of what went. */
function aCache(entries: number, bytes: number, heap = bytes) {
  const evicted: string[] = [];
  const max = { entries, bytes, heap };
  const cache = new TinyLfu<Item>({ max, seed: 0, onEvict: ({ key }) => evicted.push(key) });
  const put = (key: string, bytes = 1, entries = 1, heap = bytes): boolean => {
    return cache.set(new Item(key, cache.hashOf(key), { entries, bytes, heap }));
  };
  /** Asks for a key and fetches it on a miss, as a store does. */
  const use = (key: string, bytes = 1): boolean => {
    if (cache.get(key) !== undefined) return true;
    put(key, bytes);
    return false;
  };
  return { cache, put, use, evicted };
}

describe("the sketch", () => {
  test("never counts too low, up to 15", () => {
    const sketch = new CountMinSketch(1000);
    const hashes = Array.from({ length: 100 }, (_, i) => hashText(`key ${i}`, 7));
    for (const [i, hash] of hashes.entries()) for (let n = 0; n < i % 20; n += 1) sketch.add(hash);
    for (const [i, hash] of hashes.entries())
      expect(sketch.estimate(hash)).toBeGreaterThanOrEqual(Math.min(15, i % 20));
  });

  test("seldom counts too high", () => {
    const sketch = new CountMinSketch(1000);
    for (let i = 0; i < 1000; i += 1) sketch.add(hashText(`seen ${i}`, 0));
    const wrong = Array.from({ length: 1000 }, (_, i) => sketch.estimate(hashText(`unseen ${i}`, 0)));
    expect(wrong.filter((count) => count > 0).length).toBeLessThan(10);
  });

  test("forgets by halves", () => {
    const sketch = new CountMinSketch(100);
    const hash = hashText("once popular", 0);
    for (let i = 0; i < 15; i += 1) sketch.add(hash);
    for (let i = 15; i < 1000; i += 1) sketch.add(hashText(`other ${i}`, 0));
    expect(sketch.estimate(hash)).toBe(7);
  });

  test("takes over what was counted elsewhere, and never counts that down", () => {
    const sketch = new CountMinSketch(1000);
    const hash = hashText("taken over", 0);
    sketch.raise(hash, 9);
    expect(sketch.estimate(hash)).toBe(9);
    sketch.raise(hash, 4);
    sketch.add(hash);
    expect(sketch.estimate(hash)).toBe(10);
  });

  test("hashes by seed", () => {
    expect(hashText("a", 1)).not.toBe(hashText("a", 2));
    expect(hashText("a", 1)).toBe(hashText("a", 1));
  });
});

describe("what is in use stays", () => {
  test("against a scan of things asked for once", () => {
    const { cache, use } = aCache(100, 1e6);
    for (let round = 0; round < 5; round += 1) for (let i = 0; i < 50; i += 1) use(`hot ${i}`);
    for (let i = 0; i < 1000; i += 1) use(`cold ${i}`);
    const kept = Array.from({ length: 50 }, (_, i) => cache.peek(`hot ${i}`)).filter((item) => item !== undefined);
    expect(kept.length).toBeGreaterThanOrEqual(49);
  });

  test("against one giant, until that is asked for more than all that it would push out", () => {
    const { cache, use, evicted } = aCache(100, 10_000);
    for (let round = 0; round < 3; round += 1) for (let i = 0; i < 50; i += 1) use(`hot ${i}`, 190);
    expect(use("giant", 5000)).toBe(false);
    expect([cache.peek("giant"), evicted]).toEqual([undefined, ["giant"]]);
    expect(cache.entries).toBe(50);
  });

  test("and what is larger than the protected part, asked for again, takes nobody's place there", () => {
    const { cache, use, put } = aCache(100, 1000);
    for (let i = 0; i < 8; i += 1) use(`hot ${i}`, 12);
    put("giant", 850);
    for (let i = 0; i < 8; i += 1) use(`hot ${i}`, 12);
    const lists = () => new Set(cache.keys().map((key) => cache.peek(key)?.list));
    expect(lists().size).toBe(2);
    expect(use("giant")).toBe(true);
    expect(lists().size).toBe(2);
    expect(cache.keys().at(-1)).toBe("giant");
  });

  test("and is known again when it comes back", () => {
    const { cache, use, put } = aCache(100, 1e6);
    for (let round = 0; round < 5; round += 1) for (let i = 0; i < 99; i += 1) use(`hot ${i}`);
    for (let round = 0; round < 9; round += 1) use("hotter");
    expect(cache.delete("hotter")?.key).toBe("hotter");
    for (let i = 0; i < 20; i += 1) put(`cold ${i}`);
    put("hotter");
    put("another");
    expect([cache.peek("hotter")?.key, cache.peek("cold 0")]).toEqual(["hotter", undefined]);
  });

  test("and of what was asked for as seldom, what was used last", () => {
    const { cache, use } = aCache(10, 1e6);
    for (const key of "abcdefghi") use(key);
    use("a");
    for (let round = 0; round < 5; round += 1) use("new");
    use("newer");
    expect(["new", "a", "b"].map((key) => cache.peek(key)?.key)).toEqual(["new", "a", undefined]);
  });

  test("and of what was asked for again, what was used last", () => {
    const { cache, use } = aCache(10, 1e6);
    for (const key of "abcdefghx") use(key);
    // Seven of nine are protected: "h" as the eighth has the one used longest ago go back.
    for (const key of "abcdefgah") use(key);
    for (let round = 0; round < 6; round += 1) use("new");
    use("newer");
    expect(["new", "a", "b"].map((key) => cache.peek(key)?.key)).toEqual(["new", "a", undefined]);
  });

  test("and a hit there moves nothing until others need the room", () => {
    const { cache, use } = aCache(10, 1e6);
    for (const key of "abcdefgx") use(key);
    for (const key of "abcdefg") use(key);
    expect(cache.keys().join("")).toBe("abcdefgx");
    use("b");
    use("a");
    expect(cache.keys().join("")).toBe("abcdefgx");
    use("h");
    use("i");
    // "h" wants to be among the seven: "a" and "b" were asked for again, so "c" goes back.
    use("h");
    expect(cache.keys().join("")).toBe("defghabxci");
    expect(cache.peek("a")?.again).toBe(false);
  });

  test("and of many that were asked for again, only some are looked at when one must go", () => {
    const { cache, use } = aCache(1000, 1e6);
    const hot = Array.from({ length: 792 }, (_, i) => `hot ${i}`);
    for (const key of [...hot, "next"]) use(key);
    for (let i = 0; i < 10; i += 1) use(`cold ${i}`);
    for (let round = 0; round < 2; round += 1) for (const key of hot) use(key);
    expect(cache.keys().slice(0, 792)).toEqual(hot);
    use("next");
    expect(cache.keys().slice(0, 792)).toEqual([...hot.slice(65), "next", ...hot.slice(0, 64)]);
  });

  test("but what was popular once goes in time", () => {
    const { cache, use } = aCache(50, 1e6);
    for (let round = 0; round < 10; round += 1) for (let i = 0; i < 50; i += 1) use(`old ${i}`);
    for (let round = 0; round < 40; round += 1) for (let i = 0; i < 45; i += 1) use(`new ${i}`);
    const kept = Array.from({ length: 45 }, (_, i) => cache.peek(`new ${i}`)).filter((item) => item !== undefined);
    expect(kept.length).toBeGreaterThan(40);
  });
});

describe("uses are counted", () => {
  test("up to 15, and by halves less as others are used", () => {
    const { cache, put, use } = aCache(16, 1e6);
    put("old");
    put("other");
    for (let i = 0; i < 20; i += 1) use("old");
    expect(cache.peek("old")?.uses).toBe(15);
    for (let i = 20; i < 160; i += 1) use("other");
    // 160 uses of 16 places: all counts are halved, then this one counts.
    expect(cache.get("old")?.uses).toBe(8);
    for (let i = 0; i < 1000; i += 1) use("other");
    expect(cache.get("old")?.uses).toBe(1);
  });

  test("on where a value is replaced, and where one that did not fit comes back", () => {
    const { cache, put, use } = aCache(16, 1000);
    put("a");
    for (let i = 0; i < 5; i += 1) use("a");
    put("a", 2);
    expect(cache.peek("a")?.uses).toBe(5);
    expect(put("a", 2000)).toBe(false);
    put("a");
    expect(cache.peek("a")?.uses).toBe(5);
  });
});

describe("values", () => {
  test("too large for all of it are refused, and take an older value of that key along", () => {
    const { cache, put, evicted } = aCache(10, 100);
    expect(put("a", 200)).toBe(false);
    expect(put("a", 50)).toBe(true);
    expect(put("a", 200)).toBe(false);
    expect([cache.peek("a"), cache.bytes, cache.entries, evicted]).toEqual([undefined, 0, 0, ["a", "a"]]);
  });

  test("that grow in place make room at the cost of others", () => {
    const { cache, put, use } = aCache(10, 1000);
    for (const key of ["a", "b", "c"]) put(key, 300);
    use("a");
    expect(put("a", 600)).toBe(true);
    expect(cache.bytes).toBeLessThanOrEqual(1000);
    expect(cache.peek("a")?.bytes).toBe(600);
  });

  test("are listed and deleted", () => {
    const { cache, put } = aCache(10, 1000);
    for (const key of ["a", "b", "c"]) put(key, 5);
    expect(cache.keys().toSorted()).toEqual(["a", "b", "c"]);
    expect(cache.delete("b")?.key).toBe("b");
    expect(cache.delete("b")).toBeUndefined();
    expect([cache.entries, cache.bytes, cache.peek("b")]).toEqual([2, 10, undefined]);
  });

  test("one entry is room enough for the newest", () => {
    const { cache, put } = aCache(1, 1000);
    for (const key of ["a", "b", "c"]) put(key);
    expect(cache.keys()).toEqual(["c"]);
  });
});

describe("whatever happens", () => {
  const step = fc.record({
    key: fc.integer({ min: 0, max: 30 }).map(String),
    bytes: fc.integer({ min: 1, max: 400 }),
    entries: fc.integer({ min: 1, max: 4 }),
    heap: fc.integer({ min: 0, max: 200 }),
    deletes: fc.boolean(),
  });

  test("bounds are kept, and what is counted is what is held", () => {
    forAll(fc.array(step, { maxLength: 200, size: "max" }), (steps) => {
      const { cache, put } = aCache(12, 1000, 400);
      for (const { key, bytes, entries, heap, deletes } of steps) {
        if (deletes) cache.delete(key);
        else if (cache.get(key) === undefined) put(key, bytes, entries, heap);
        else put(key, bytes + 1, entries, heap);
        const held = cache.keys().flatMap((name) => cache.peek(name) ?? []);
        const sumOf = (what: "bytes" | "entries" | "heap") => held.reduce((sum, item) => sum + item[what], 0);
        for (const [what, most] of [
          ["bytes", 1000],
          ["entries", 12],
          ["heap", 400],
        ] as const) {
          expect(cache[what]).toBe(sumOf(what));
          expect(cache[what]).toBeLessThanOrEqual(most);
        }
      }
    });
  });

  test("each value that goes is told of once", () => {
    const random = seededRandom(3);
    const { cache, put, use, evicted } = aCache(20, 1e6);
    for (let i = 0; i < 500; i += 1) {
      put(`new ${i}`);
      use(`new ${Math.floor(random() * i)}`);
      for (const key of cache.keys()) if (key !== `new ${i}`) cache.get(key);
    }
    const gone = evicted.filter((key) => cache.peek(key) === undefined);
    expect(new Set(gone).size + cache.keys().length).toBe(500);
  });
});
