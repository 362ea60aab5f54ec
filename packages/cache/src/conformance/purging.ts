import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { CacheStore } from "../store.ts";
import { bodiesAt, rule, type StoreRule } from "./rule.ts";
import { NOW, sampleEntry, sampleKey, sampleVariant } from "./sample.ts";

async function fill(store: CacheStore): Promise<void> {
  await store.put(sampleKey("/a"), sampleVariant("a1", "1"), NOW);
  await store.put(sampleKey("/a"), { ...sampleVariant("a2", "2"), tags: ["red", "blue"] }, NOW);
  await store.put(sampleKey("/a\ncookie theme=4:dark"), sampleEntry("dark a"), NOW);
  await store.put(sampleKey("/a/b"), sampleEntry("ab", { tags: ["red"] }), NOW);
  await store.put(sampleKey("/c"), sampleEntry("c"), NOW);
}

async function contents(store: CacheStore): Promise<string[]> {
  const paths = ["/a", "/a\ncookie theme=4:dark", "/a/b", "/c"];
  const bodies = await Promise.all(paths.map((path) => bodiesAt(store, path)));
  return bodies.flat();
}

const HARD: readonly StoreRule[] = [
  rule("purging a URL reaches all variants and keys of it, and no other URL", async (store) => {
    await fill(store);
    strictEqual(await store.purge({ kind: "url", key: sampleKey("/a") }, "hard", NOW), 3);
    deepStrictEqual(await contents(store), ["ab", "c"]);
  }),
  rule("purging a prefix reaches all URLs that begin so", async (store) => {
    await fill(store);
    strictEqual(await store.purge({ kind: "prefix", prefix: "http://h/a" }, "hard", NOW), 4);
    deepStrictEqual(await contents(store), ["c"]);
  }),
  rule("purging a tag reaches what bears it, and leaves the other variants", async (store) => {
    await fill(store);
    strictEqual(await store.purge({ kind: "tag", tag: "red" }, "hard", NOW), 2);
    deepStrictEqual(await contents(store), ["a1", "dark a", "c"]);
    strictEqual(await store.purge({ kind: "tag", tag: "blue" }, "hard", NOW), 0);
  }),
  rule("purging all leaves nothing", async (store) => {
    await fill(store);
    strictEqual(await store.purge({ kind: "all" }, "hard", NOW), 5);
    deepStrictEqual(await contents(store), []);
    const { entries, bytes } = await store.stats();
    deepStrictEqual({ entries, bytes }, { entries: 0, bytes: 0 });
  }),
];

const SOFT: readonly StoreRule[] = [
  rule("a soft purge keeps entries and makes them stale", async (store) => {
    await fill(store);
    strictEqual(await store.purge({ kind: "tag", tag: "red" }, "soft", NOW + 1), 2);
    deepStrictEqual(await contents(store), ["a2", "a1", "dark a", "ab", "c"]);
    const [a2, a1] = await store.get(sampleKey("/a"), NOW);
    deepStrictEqual([a2?.expiresAt, a1?.expiresAt], [NOW + 1, a1?.expiresAt]);
    strictEqual((a1?.expiresAt ?? 0) > NOW + 1, true);
  }),
];

export const PURGING: readonly StoreRule[] = [...HARD, ...SOFT];
