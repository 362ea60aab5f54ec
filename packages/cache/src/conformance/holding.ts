import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { SWEEPS } from "../store.ts";
import type { StoredEntry } from "../types.ts";
import { bodiesAt, rule, type StoreRule } from "./rule.ts";
import { FRESH, NOW, sampleEntry, sampleKey, samplePart, sampleVariant, USEFUL } from "./sample.ts";

/** What of an entry has to come back; properties that are undefined may be missing. */
function plain(entry: StoredEntry | undefined): unknown {
  return JSON.parse(JSON.stringify({ ...entry, body: entry?.body.toString("latin1") }));
}

const PUTTING: readonly StoreRule[] = [
  rule("an unknown key has no entries", async (store) => {
    deepStrictEqual(await bodiesAt(store, "/a"), []);
  }),
  rule("what is put comes back as it was", async (store) => {
    const entry = sampleEntry("\x00\xffbody", { tags: ["t"], shared: false, identity: "alice", language: "de" });
    strictEqual(await store.put(sampleKey("/a"), entry, NOW), true);
    deepStrictEqual(plain((await store.get(sampleKey("/a"), NOW))[0]), plain(entry));
  }),
  rule("peek finds what get finds", async (store) => {
    deepStrictEqual(await store.peek(sampleKey("/a"), NOW), []);
    await store.put(sampleKey("/a"), sampleVariant("one", "1"), NOW);
    await store.put(sampleKey("/a"), sampleVariant("two", "2"), NOW);
    const found = await store.peek(sampleKey("/a"), NOW);
    deepStrictEqual(
      found.map(({ body }) => body.toString()),
      ["two", "one"],
    );
    deepStrictEqual(await store.peek(sampleKey("/a"), NOW + USEFUL), []);
  }),
  rule("variants stand beside each other, newest first", async (store) => {
    await store.put(sampleKey("/a"), sampleVariant("one", "1"), NOW);
    await store.put(sampleKey("/a"), sampleVariant("two", "2"), NOW);
    deepStrictEqual(await bodiesAt(store, "/a"), ["two", "one"]);
  }),
  rule("a newer response takes the place of the one for the same requests", async (store) => {
    await store.put(sampleKey("/a"), sampleVariant("old", "1"), NOW);
    await store.put(sampleKey("/a"), sampleVariant("new", "1"), NOW);
    deepStrictEqual(await bodiesAt(store, "/a"), ["new"]);
  }),
  rule("each identity has its own", async (store) => {
    await store.put(sampleKey("/a"), sampleEntry("alice's", { shared: false, identity: "alice" }), NOW);
    await store.put(sampleKey("/a"), sampleEntry("bob's", { shared: false, identity: "bob" }), NOW);
    deepStrictEqual(await bodiesAt(store, "/a"), ["bob's", "alice's"]);
  }),
  rule("parts of one representation are joined", async (store) => {
    await store.put(sampleKey("/a"), samplePart("01234", 0), NOW);
    await store.put(sampleKey("/a"), samplePart("56789", 5), NOW);
    deepStrictEqual(await bodiesAt(store, "/a"), ["0123456789"]);
  }),
];

const CHANGING: readonly StoreRule[] = [
  rule("replace puts an entry in the place of another", async (store) => {
    const stale = sampleVariant("stale", "1");
    await store.put(sampleKey("/a"), stale, NOW);
    await store.put(sampleKey("/a"), sampleVariant("other", "2"), NOW);
    strictEqual(await store.replace(sampleKey("/a"), stale, sampleVariant("fresh", "1")), true);
    deepStrictEqual(await bodiesAt(store, "/a"), ["other", "fresh"]);
  }),
  rule("replace does not bring back what was purged", async (store) => {
    const entry = sampleEntry("gone");
    await store.put(sampleKey("/a"), entry, NOW);
    await store.purge({ kind: "all" }, "hard", NOW);
    strictEqual(await store.replace(sampleKey("/a"), entry, entry), false);
    deepStrictEqual(await bodiesAt(store, "/a"), []);
  }),
  rule("remove takes one entry", async (store) => {
    const entry = sampleVariant("one", "1");
    await store.put(sampleKey("/a"), entry, NOW);
    await store.put(sampleKey("/a"), sampleVariant("two", "2"), NOW);
    strictEqual(await store.remove(sampleKey("/a"), entry), true);
    strictEqual(await store.remove(sampleKey("/a"), entry), false);
    deepStrictEqual(await bodiesAt(store, "/a"), ["two"]);
  }),
];

const EXPIRY: readonly StoreRule[] = [
  rule("a stale entry comes back while it is of use, and then no more", async (store) => {
    await store.put(sampleKey("/a"), sampleEntry("one"), NOW);
    deepStrictEqual(await bodiesAt(store, "/a", NOW + FRESH), ["one"]);
    deepStrictEqual(await bodiesAt(store, "/a", NOW + USEFUL), []);
  }),
  rule("sweep frees what is of no more use", async (store) => {
    await store.put(sampleKey("/a"), sampleVariant("one", "1"), NOW);
    await store.put(sampleKey("/a"), { ...sampleVariant("two", "2"), keepUntil: NOW + 2 * USEFUL }, NOW);
    for (let sweep = 0; sweep < SWEEPS; sweep += 1) await store.sweep(NOW + USEFUL);
    strictEqual((await store.stats()).entries, 1);
    deepStrictEqual(await bodiesAt(store, "/a", NOW + USEFUL), ["two"]);
  }),
  rule("stats tell how much is held", async (store) => {
    await store.put(sampleKey("/a"), sampleEntry("x".repeat(1000)), NOW);
    const { entries, bytes } = await store.stats();
    strictEqual(entries, 1);
    ok(bytes >= 1000, `one entry of 1000 bytes is held, but stats tell ${bytes} bytes`);
  }),
];

export const HOLDING: readonly StoreRule[] = [...PUTTING, ...CHANGING, ...EXPIRY];
