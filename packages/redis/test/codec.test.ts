import type { EntryHead, StoredEntry } from "@headgate/cache";
import { sampleEntry } from "@headgate/cache/conformance";
import { forAll } from "@headgate/testing";
import * as fc from "fast-check";
import { decodeBody, decodeHead, encodeBody, encodeHead } from "../src/entry-codec.ts";
import { BODY, frame, HEAD, unframe } from "../src/frame.ts";

const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined });
const text = (): fc.Arbitrary<string> => fc.string({ unit: "grapheme", maxLength: 20 });
const time = (): fc.Arbitrary<number> => fc.integer({ min: 0, max: 2 ** 45 });

const heads: fc.Arbitrary<Partial<EntryHead>> = fc.record(
  {
    status: fc.integer({ min: 200, max: 599 }),
    fields: fc.array(text(), { maxLength: 6 }),
    part: fc.option(fc.record({ first: time(), last: time(), total: maybe(time()), asked: maybe(text()) })),
    bornAt: time(),
    expiresAt: time(),
    vary: fc.array(fc.record({ name: text(), raw: maybe(text()), value: maybe(text()) }), { maxLength: 3 }),
    shared: fc.boolean(),
    identity: fc.option(text()),
    tags: fc.array(text(), { maxLength: 3 }),
    validators: fc.record({ etag: maybe(text()), lastModified: maybe(time()), date: time() }),
    lastModified: maybe(text()),
    stale: fc.constantFrom("forbidden", "explicit", "allowed"),
  },
  { requiredKeys: [] },
);
const entries = heads.map((head) => sampleEntry("body", head));
const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
const framed = fc.oneof(entries.map(encodeHead), bytes.map(encodeBody));

/** Properties that are undefined may be missing. */
const plain = ({ body: _, told: __, ...head }: StoredEntry): unknown => JSON.parse(JSON.stringify(head));
const isMiss = (value: Buffer): boolean => decodeHead(value) === undefined && decodeBody(value) === undefined;

test("every entry comes back as it was", () => {
  forAll(entries, (entry) => {
    expect(decodeHead(encodeHead(entry))).toEqual(plain(entry));
    return undefined;
  });
});

test("every body comes back byte by byte, in memory of its own", () => {
  forAll(bytes, (body) => {
    const read = decodeBody(encodeBody(body));
    return read?.equals(body) === true && read.buffer.byteLength === body.length;
  });
});

test("a value that is cut off anywhere is a miss", () => {
  forAll(framed, fc.nat(), (value, at) => isMiss(value.subarray(0, at % value.length)));
});

test("a value with bytes behind it is a miss", () => {
  forAll(framed, fc.uint8Array({ minLength: 1, maxLength: 9 }), (value, more) => isMiss(Buffer.concat([value, more])));
});

test("a value of which one bit has changed is a miss", () => {
  forAll(framed, fc.nat(), fc.nat(7), (value, at, bit) => {
    const changed = Buffer.from(value);
    const index = at % changed.length;
    changed[index] = (changed[index] ?? 0) ^ (1 << bit);
    return isMiss(changed);
  });
});

test("foreign bytes are a miss", () => {
  forAll(bytes, isMiss);
});

test("a head is no body, and a body no head", () => {
  expect(decodeBody(encodeHead(sampleEntry("x")))).toBeUndefined();
  expect(decodeHead(encodeBody(Buffer.from("{}")))).toBeUndefined();
});

test("what another version wrote is a miss", () => {
  const value = encodeHead(sampleEntry("x"));
  value.writeUInt8(2, 2);
  expect(decodeHead(value)).toBeUndefined();
});

test("whatever JSON stands in a good frame, only the head of an entry is one", () => {
  const values = fc.oneof(fc.json(), fc.constantFrom("", "{", "null", "[]"));
  forAll(values, (json) => decodeHead(frame(HEAD, Buffer.from(json))) === undefined);
});

const BROKEN: readonly (readonly [keyof EntryHead | "size", unknown])[] = [
  ["status", "200"],
  ["fields", ["a", 1]],
  ["fields", "a"],
  ["part", { first: 1 }],
  ["part", undefined],
  ["keepUntil", null],
  ["vary", [{ name: 1 }]],
  ["vary", [null]],
  ["shared", undefined],
  ["identity", undefined],
  ["tags", null],
  ["validators", {}],
  ["stale", "often"],
  ["backend", undefined],
  ["size", "1"],
];

test.each(BROKEN)("a head whose %s is %j is a miss", (name, value) => {
  const { body: _, ...head } = sampleEntry("x");
  const payload = Buffer.from(JSON.stringify({ ...head, [name]: value }));
  expect(decodeHead(frame(HEAD, payload))).toBeUndefined();
});

test("a frame of nothing is whole", () => {
  expect(unframe(BODY, frame(BODY, Buffer.alloc(0)))).toEqual(Buffer.alloc(0));
});
