import { forAll } from "@headgate/testing";
import * as fc from "fast-check";
import { NOW, sampleEntry, sampleKey, sampleVariant } from "../src/conformance/index.ts";
import { MemoryStore, makeEntry, type StoredEntry, SWEEPS } from "../src/index.ts";

function texts(entries: readonly StoredEntry[]): string[] {
  return entries.map(({ body }) => body.toString());
}

/** An empty store's count of bytes is 0, so that this is what the key and its slot cost. */
function sizeOfSlot(path: string): number {
  const store = new MemoryStore();
  const entry = sampleEntry("x");
  store.put(sampleKey(path), entry, NOW);
  return store.stats().bytes - entry.size;
}

describe("the bounds of the memory store", () => {
  test("have defaults", () => {
    const bounds = { maxEntries: 1000, maxBytes: 64 * 1024 * 1024 };
    expect(new MemoryStore().stats()).toEqual({ entries: 0, bytes: 0, evicted: 0, ...bounds });
  });

  test("hold for entries, variants counted each", () => {
    const store = new MemoryStore({ entries: 20, variants: 5 });
    for (let url = 0; url < 10; url += 1) {
      for (let foo = 0; foo < 10; foo += 1) store.put(sampleKey(`/${url}`), sampleVariant("x", String(foo)), NOW);
    }
    expect(store.stats().entries).toBeLessThanOrEqual(20);
    expect(store.stats().evicted).toBeGreaterThan(0);
  });

  test("hold for what lies in the heap, which bodies do not", () => {
    const entriesOf = (bodyBytes: number): number => {
      const store = new MemoryStore({ heap: 10_000 });
      const entry = makeEntry(sampleEntry("x"), Buffer.alloc(bodyBytes));
      for (let url = 0; url < 50; url += 1) store.put(sampleKey(`/${url}`), entry, NOW);
      expect(store.stats().bytes - store.stats().entries * bodyBytes).toBeLessThanOrEqual(10_000);
      return store.stats().entries;
    };
    expect(entriesOf(0)).toBeGreaterThan(5);
    expect(entriesOf(100_000)).toBe(entriesOf(0));
  });

  test("hold for variants of one key", () => {
    const store = new MemoryStore({ variants: 2 });
    for (const foo of ["1", "2", "3"]) store.put(sampleKey("/"), sampleVariant(foo, foo), NOW);
    expect(texts(store.get(sampleKey("/"), NOW))).toEqual(["3", "2"]);
  });

  test("refuse what is too large for all of it", () => {
    const store = new MemoryStore({ bytes: 10_000 });
    expect(store.put(sampleKey("/"), sampleEntry("x".repeat(20_000)), NOW)).toBe(false);
    expect(store.stats()).toMatchObject({ entries: 0, bytes: 0, evicted: 1 });
  });

  test("where the variants of a key are not worth their room together, the newest stays", () => {
    const store = new MemoryStore({ entries: 100 });
    for (let i = 0; i < 200; i += 1) {
      for (let use = 0; use < 3; use += 1) store.get(sampleKey(`/${i}`), NOW);
      store.put(sampleKey(`/${i}`), sampleEntry("x"), NOW);
    }
    for (const foo of ["1", "2", "3"]) store.put(sampleKey("/new"), sampleVariant(foo, foo), NOW);
    expect(texts(store.get(sampleKey("/new"), NOW))).toEqual(["3"]);
  });
});

test("looking without a trace: what is let in and what goes is the same as if nobody had looked", () => {
  const steps = fc.array(fc.tuple(fc.constantFrom("get", "put", "peek"), fc.nat(40)), { maxLength: 200 });
  forAll(steps, (list) => {
    const seen = new MemoryStore({ entries: 10 });
    const unseen = new MemoryStore({ entries: 10 });
    for (const [step, url] of list) {
      const key = sampleKey(`/${url}`);
      if (step === "peek") expect(texts(seen.peek(key, NOW))).toEqual(texts(unseen.peek(key, NOW)));
      for (const store of [seen, unseen]) {
        if (step === "get") store.get(key, NOW);
        if (step === "put") store.put(key, sampleEntry(String(url)), NOW);
      }
      if (step !== "put") for (let other = 0; other <= 40; other++) seen.peek(sampleKey(`/${other}`), NOW);
      expect(seen.stats()).toEqual(unseen.stats());
    }
    for (let url = 0; url <= 40; url++) {
      expect(texts(seen.get(sampleKey(`/${url}`), NOW))).toEqual(texts(unseen.get(sampleKey(`/${url}`), NOW)));
    }
  });
});

test("a lookup that hits makes no copy of an entry, and none of a list of several", () => {
  const store = new MemoryStore();
  const entry = sampleEntry("x");
  store.put(sampleKey("/"), entry, NOW);
  expect(store.get(sampleKey("/"), NOW)[0]).toBe(entry);
  store.put(sampleKey("/several"), sampleVariant("a", "a"), NOW);
  store.put(sampleKey("/several"), sampleVariant("b", "b"), NOW);
  expect(store.get(sampleKey("/several"), NOW)).toHaveLength(2);
  expect(store.get(sampleKey("/several"), NOW)).toBe(store.get(sampleKey("/several"), NOW));
});

test("the key counts", () => {
  expect(sizeOfSlot(`/${"a".repeat(500)}`) - sizeOfSlot("/")).toBe(500);
});

test("each sweep looks at a small part, and all of them at everything", () => {
  const store = new MemoryStore({ entries: 5000 });
  const put = (path: string, life: number): boolean => {
    return store.put(sampleKey(path), { ...sampleEntry("x"), keepUntil: NOW + life }, NOW);
  };
  for (let i = 0; i < 2000; i += 1) {
    put(`/short ${i}`, 1000);
    put(`/long ${i}`, 2000);
  }
  const { entries } = store.stats();
  const dropped = Array.from({ length: SWEEPS }, () => store.sweep(NOW + 1500));
  expect(Math.max(...dropped)).toBeLessThan(50);
  expect(store.stats().entries).toBe(2000);
  expect(dropped.reduce((sum, one) => sum + one)).toBe(entries - 2000);
});

describe("whatever happens", () => {
  const path = fc.constantFrom("/a", "/b", "/a/b", "/a\nheader x=1:1");
  const tag = fc.constantFrom("red", "blue");
  const put = fc.record({
    kind: fc.constant("put" as const),
    path,
    text: fc.string({ maxLength: 300 }),
    foo: fc.constantFrom("1", "2", "3", undefined),
    identity: fc.constantFrom("alice", "bob", null),
    tags: fc.uniqueArray(tag),
  });
  const target = fc.oneof(
    path.map((p) => ({ kind: "url" as const, key: sampleKey(p) })),
    tag.map((name) => ({ kind: "tag" as const, tag: name })),
    fc.constant({ kind: "prefix" as const, prefix: "http://h/a" }),
    fc.constant({ kind: "all" as const }),
  );
  const purge = fc.record({
    kind: fc.constant("purge" as const),
    target,
    mode: fc.constantFrom("hard" as const, "soft" as const),
  });
  const steps = fc.array(fc.oneof({ weight: 4, arbitrary: put }, purge), { maxLength: 60 });
  const paths = ["/a", "/b", "/a/b", "/a\nheader x=1:1"];

  test("bytes counted are bytes held, and what a tag has been purged of bears it no more", () => {
    const slots = new Map(paths.map((p) => [p, sizeOfSlot(p)]));
    forAll(steps, (todo) => {
      const store = new MemoryStore({ entries: 8, bytes: 20_000, variants: 3 });
      for (const step of todo) {
        if (step.kind === "put") {
          const vary = step.foo === undefined ? [] : [{ name: "foo", raw: step.foo, value: step.foo }];
          store.put(
            sampleKey(step.path),
            sampleEntry(step.text, { vary, shared: step.identity === null, identity: step.identity, tags: step.tags }),
            NOW,
          );
        } else {
          store.purge(step.target, step.mode, NOW);
        }
        const held = paths.map((p) => ({ p, entries: store.get(sampleKey(p), NOW) }));
        const bytes = held
          .filter(({ entries }) => entries.length > 0)
          .reduce(
            (sum, { p, entries }) => sum + (slots.get(p) ?? 0) + entries.reduce((all, { size }) => all + size, 0),
            0,
          );
        const entries = held.reduce((sum, slot) => sum + slot.entries.length, 0);
        const stats = store.stats();
        if (stats.bytes !== bytes || stats.entries !== entries || bytes > 20_000 || entries > 8) return false;
        if (step.kind === "purge" && step.mode === "hard" && store.purge(step.target, "hard", NOW) !== 0) return false;
      }
      return store.purge({ kind: "all" }, "hard", NOW) >= 0 && store.stats().bytes === 0;
    });
  });
});
