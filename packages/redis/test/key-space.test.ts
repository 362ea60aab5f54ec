import type { CacheKey } from "@headgate/cache";
import { forAll } from "@headgate/testing";
import * as fc from "fast-check";
import { parseRedisUrl } from "../src/address.ts";
import { KeySpace, suffixOf } from "../src/key-space.ts";

const path = fc.string({ unit: fc.constantFrom(..."ab/{}?*[]\\%~"), maxLength: 12 });
const suffix = fc.oneof(fc.constant(""), fc.constantFrom("\ncookie a=1:x", "\nbody=3:{}\n", "\n}"));
const keys = fc.tuple(path, suffix).map(([of, more]) => `https://h:8443/${of}${more}` as CacheKey);
const prefix = fc.constantFrom("headgate:", "a*b:", "");

/** What decides on the slot of a name: the first braces with something between them (Redis Cluster specification). */
function slotTag(name: string): string {
  return /\{([^}]+)\}/.exec(name)?.[1] ?? name;
}

test("the key is found in the name of its entries again", () => {
  forAll(prefix, keys, (begin, key) => {
    const space = new KeySpace(begin);
    return space.keyOf(space.entry(key)) === key;
  });
});

test("all that belongs to a URL is in one slot", () => {
  forAll(prefix, keys, (begin, key) => {
    const space = new KeySpace(begin);
    const url = key.slice(0, key.length - suffixOf(key).length) as CacheKey;
    const names = [space.entry(key), space.entry(url), space.suffixes(key), space.lease(key), space.awaited(key)];
    return new Set(names.map(slotTag)).size === 1;
  });
});

test("the same key of two installations has two names, and so have entries, leases and tags", () => {
  const key = "http://h/a" as CacheKey;
  const one = new KeySpace("one:");
  const two = new KeySpace("two:");
  const names = [one, two].flatMap((space) => [space.entry(key), space.lease(key), space.awaited(key), space.tag(key)]);
  expect(new Set(names).size).toBe(8);
  expect(one.keyOf(two.entry(key))).toBeUndefined();
  expect(one.keyOf(one.suffixes(key))).toBeUndefined();
  expect(one.keyOf("one:e{http://h/a")).toBeUndefined();
});

test("patterns mean what they say and nothing more", () => {
  expect(new KeySpace("a*:").entriesOf("http://h/[x]?")).toBe("a\\*:e{http://h/\\[x\\]\\?*");
});

test.each([
  ["redis://h", { host: "h", port: 6379, tls: false, db: 0 }],
  ["redis://h:7000/3", { host: "h", port: 7000, tls: false, db: 3 }],
  ["rediss://u:p%40w@h:1/", { host: "h", port: 1, tls: true, username: "u", password: "p@w", db: 0 }],
  ["redis://:p@[::1]:2", { host: "::1", port: 2, tls: false, password: "p", db: 0 }],
  ["http://h", undefined],
  ["redis://", undefined],
  ["redis://h/x", undefined],
  ["redis://h?db=1", undefined],
  ["h:6379", undefined],
])("%s is read as %j", (url, address) => {
  expect(parseRedisUrl(url)).toEqual(address);
});
