import type { StoredEntry } from "@headgate/cache";
import { NOW, sampleEntry, sampleKey, samplePart, sampleVariant, USEFUL } from "@headgate/cache/conformance";
import { NO_VERSION } from "../src/contents.ts";
import { KeySpace } from "../src/key-space.ts";
import type { Link } from "../src/link.ts";
import { asBuffer, asNumber, asText } from "../src/reply.ts";
import { RedisServer } from "../src/testing/index.ts";
import { describeWithRedis, openLink, optionsFor, storeOver } from "./support.ts";

const KEY = sampleKey("/a");
const texts = (entries: readonly StoredEntry[]): string[] => entries.map(({ body }) => body.toString()).sort();

describeWithRedis("what RedisStore keeps in a redis-server", () => {
  let server: RedisServer;
  let link: Link;
  let runs = 0;
  let prefix = "";
  let keys = new KeySpace(prefix);
  const store = (maxBytes?: number) => storeOver(link, prefix, { now: () => NOW, maxBytes });
  const fields = async (): Promise<string[]> =>
    ((await link.send(["HKEYS", keys.entry(KEY)])) as unknown[]).map(asText).sort();

  beforeAll(async () => {
    server = await RedisServer.start();
    const opened = openLink(optionsFor(server.url));
    await opened.up;
    link = opened.link;
  });
  beforeEach(() => {
    prefix = `run${runs++}:`;
    keys = new KeySpace(prefix);
  });
  afterAll(async () => {
    link.close();
    await server.stop();
  });

  test("goes by itself when it is of no more use: entries, tags and what policies add", async () => {
    const key = sampleKey("/a\ncookie x=1:1");
    await store().put(key, sampleEntry("x", { tags: ["red"] }), NOW);
    for (const name of [keys.entry(key), keys.suffixes(key), keys.tag("red")]) {
      const left = asNumber(await link.send(["PTTL", name]));
      expect(left).toBeLessThanOrEqual(USEFUL);
      expect(left).toBeGreaterThan(USEFUL - 60_000);
    }
    await store().put(key, sampleVariant("y", "1"), NOW + USEFUL - 5000);
    expect(asNumber(await link.send(["PTTL", keys.entry(key)]))).toBeLessThanOrEqual(5000);
  });

  test("is forgotten by tags that nothing of use bears any more", async () => {
    await store().put(KEY, sampleEntry("x", { tags: ["red"] }), NOW);
    const later = sampleEntry("y", { tags: ["red"], keepUntil: NOW + 3 * USEFUL });
    await store().put(sampleKey("/b"), later, NOW + 2 * USEFUL);
    expect(await link.send(["ZCARD", keys.tag("red")])).toBe(1);
  });

  test("changes only where it has to: a new head leaves the body, a new variant the others", async () => {
    const first = sampleEntry("x");
    await store().put(KEY, first, NOW);
    const [body] = await fields();
    const next = { ...first, expiresAt: first.expiresAt + 1, receivedAt: first.receivedAt + 1 };
    expect(await store().replace(KEY, first, next)).toBe(true);
    expect((await fields())[0]).toBe(body);
    expect(await fields()).toHaveLength(3);
    await store().purge({ kind: "all" }, "soft", NOW + 5);
    expect((await fields())[0]).toBe(body);
    const [entry] = await store().get(KEY, NOW);
    expect([entry?.expiresAt, entry?.body.toString()]).toEqual([NOW + 5, "x"]);
    await store().replace(KEY, next, sampleEntry("another body"));
    expect(texts(await store().get(KEY, NOW))).toEqual(["another body"]);
  });

  test("is the same for those who know its version", async () => {
    await store().put(KEY, sampleEntry("x"), NOW);
    const read = await store().read(KEY, NOW, NO_VERSION);
    if (read.kind !== "entries") throw new Error("nothing was known yet");
    expect(await store().read(KEY, NOW, read.version)).toEqual({ kind: "same" });
    await store().put(KEY, sampleEntry("x"), NOW);
    expect(await store().read(KEY, NOW, read.version)).toMatchObject({ kind: "entries" });
  });

  test("loses nothing when many write under one key at the same time", async () => {
    const stores = Array.from({ length: 4 }, () => store());
    await Promise.all(stores.map((one, index) => one.put(KEY, sampleVariant(`v${index}`, String(index)), NOW)));
    expect(texts(await store().get(KEY, NOW))).toEqual(["v0", "v1", "v2", "v3"]);
    const taken = await Promise.allSettled(
      Array.from({ length: 40 }, (_, index) => store().put(KEY, sampleVariant(`w${index}`, `w${index}`), NOW)),
    );
    const put = taken.flatMap(({ status }, index) => (status === "fulfilled" ? [`w${index}`] : []));
    expect(texts(await store().get(KEY, NOW)).filter((text) => text.startsWith("w"))).toEqual(put.sort());
  });

  test("is bound for each key: the oldest variants make room, one that is too large is not taken", async () => {
    const { size } = sampleVariant("0", "0");
    const small = store(3 * size + 5);
    for (const foo of ["0", "1", "2", "3", "4"]) await small.put(KEY, sampleVariant(foo, foo), NOW);
    expect(texts(await small.get(KEY, NOW))).toEqual(["2", "3", "4"]);
    expect(await small.put(KEY, sampleEntry("x".repeat(4 * size)), NOW)).toBe(false);
    expect(await small.put(KEY, sampleEntry("x", { keepUntil: NOW }), NOW)).toBe(false);
    expect(texts(await store(1).get(KEY, NOW))).toEqual(["2", "3", "4"]);
  });

  test("is not read at all where it is far too large, and can be written over", async () => {
    const large = sampleEntry("x".repeat(200_000));
    await store().put(KEY, large, NOW);
    const small = store(10_000);
    expect(await small.get(KEY, NOW)).toEqual([]);
    expect(small.unreadable).toBe(1);
    expect(await small.put(KEY, sampleEntry("y"), NOW)).toBe(true);
    expect(texts(await store().get(KEY, NOW))).toEqual(["y"]);
    expect(await fields()).toHaveLength(3);
  });

  test.each([
    ["cut off", (value: Buffer) => value.subarray(0, value.length - 1)],
    ["empty", () => Buffer.alloc(0)],
    ["foreign", () => Buffer.from('{"status":200}')],
    ["changed", (value: Buffer) => Buffer.from(value.toString("latin1").replace(/.$/s, "\x01"), "latin1")],
  ])("is a miss where it is %s, head or body, and the other variants are not", async (_, change) => {
    for (const part of ["h", "b"]) {
      const one = store();
      await one.purge({ kind: "all" }, "hard", NOW);
      await one.put(KEY, sampleVariant("good", "1"), NOW);
      const before = await fields();
      await one.put(KEY, sampleVariant("bad", "2"), NOW);
      const name = (await fields()).find((field) => field.startsWith(part) && !before.includes(field)) ?? "";
      const value = asBuffer(await link.send(["HGET", keys.entry(KEY), name]));
      await link.send(["HSET", keys.entry(KEY), name, change(value ?? Buffer.alloc(0))]);
      expect(texts(await one.get(KEY, NOW))).toEqual(["good"]);
      expect(one.unreadable).toBe(1);
      expect(await one.put(KEY, sampleVariant("new", "2"), NOW)).toBe(true);
      expect(texts(await one.get(KEY, NOW))).toEqual(["good", "new"]);
    }
  });

  test.each([
    ["a string", ["SET", "x"]],
    ["a list", ["LPUSH", "x"]],
    ["a hash", ["HSET", "field", "x"]],
    ["a hash with an index of its own", ["HSET", "i", "x"]],
    ["a hash with an empty index", ["HSET", "i", "v1 "]],
    ["a hash whose fields are missing", ["HSET", "i", "v1 x:y"]],
  ])("is a miss where %s stands in its place, and takes that place", async (_, [command = "", ...args]) => {
    await link.send([command, keys.entry(KEY), ...args]);
    expect(await store().get(KEY, NOW)).toEqual([]);
    expect(await store().remove(KEY, sampleEntry("x"))).toBe(false);
    expect(await store().put(KEY, sampleEntry("x"), NOW)).toBe(true);
    expect(texts(await store().get(KEY, NOW))).toEqual(["x"]);
  });

  test("is found by its tags though something foreign stood where they are listed", async () => {
    await link.send(["SET", keys.tag("red"), "x"]);
    await store().put(KEY, sampleEntry("x", { tags: ["red"] }), NOW);
    expect(await store().purge({ kind: "tag", tag: "red" }, "hard", NOW)).toBe(1);
  });

  test("can be purged though there is much of it", async () => {
    const one = store();
    const paths = Array.from({ length: 1200 }, (_, index) => sampleKey(`/many/${index}`));
    await Promise.all(paths.map((key) => one.put(key, sampleEntry("x", { tags: ["all"] }), NOW)));
    await one.put(KEY, sampleEntry("x"), NOW);
    expect(await one.purge({ kind: "tag", tag: "all" }, "soft", NOW)).toBe(1200);
    expect(await one.purge({ kind: "prefix", prefix: "http://h/many/" }, "hard", NOW)).toBe(1200);
    expect((await one.stats()).entries).toBe(1);
  });

  test("is not looked for under the names of others", async () => {
    await storeOver(link, `${prefix}other:`, { now: () => NOW }).put(KEY, sampleEntry("x"), NOW);
    await link.send(["SET", `${prefix}e{odd`, "x"]);
    expect(await store().purge({ kind: "all" }, "hard", NOW)).toBe(0);
  });

  test("joins parts that different gateways have fetched", async () => {
    await store().put(KEY, samplePart("01234", 0), NOW);
    await store().put(KEY, samplePart("789", 7), NOW);
    await store().put(KEY, samplePart("56", 5), NOW);
    expect(texts(await store().get(KEY, NOW))).toContain("0123456789");
  });
});
