import { ask, askJson } from "./support/http-client.ts";
import { Origin, told } from "./support/origin.ts";

let origin: Origin;
beforeAll(async () => {
  origin = await Origin.start({ cache: { entries: 4 } });
});
afterAll(() => origin.stop());

const TAGGED = { "Cache-Control": "max-age=600", ETag: '"1"', "Cache-Tag": "news, front" };

const purge = (selector: unknown) => askJson(`${origin.gateway.admin}/api/cache/purge`, "POST", selector);
const stats = async () => (await askJson(`${origin.gateway.admin}/api/cache`)).json as Record<string, number>;

/** Stores these, and forgets all else. */
async function storeAnew(...paths: string[]): Promise<void> {
  await purge({ all: true });
  for (const path of paths) {
    origin.counts(path, TAGGED);
    expect(told(await origin.get(path))).toBe("MISS 1");
  }
}

/** What is still answered from the cache. */
async function kept(...paths: string[]): Promise<string[]> {
  const asked = paths.map(async (path) => ({
    path,
    answer: await origin.get(path, { "Cache-Control": "only-if-cached" }),
  }));
  return (await Promise.all(asked)).filter(({ answer }) => answer.status === 200).map(({ path }) => path);
}

test("one URL", async () => {
  await storeAnew("/a", "/b");
  const { status, json } = await purge({ url: origin.url("/a") });
  expect({ status, json }).toEqual({ status: 200, json: { purged: 1, mode: "hard" } });
  expect(await kept("/a", "/b")).toEqual(["/b"]);
  expect((await purge({ url: origin.url("/nothing") })).json).toMatchObject({ purged: 0 });
});

test("every URL that begins so", async () => {
  await storeAnew("/blog/1", "/blog/2", "/shop");
  expect((await purge({ prefix: origin.url("/blog/") })).json).toMatchObject({ purged: 2 });
  expect(await kept("/blog/1", "/blog/2", "/shop")).toEqual(["/shop"]);
});

test("every response with a tag", async () => {
  await storeAnew("/one", "/two");
  origin.counts("/untagged", { "Cache-Control": "max-age=600" });
  await origin.get("/untagged");
  expect((await purge({ tag: "news" })).json).toMatchObject({ purged: 2 });
  expect(await kept("/one", "/two", "/untagged")).toEqual(["/untagged"]);
});

test("everything, by POST and by DELETE", async () => {
  await storeAnew("/x", "/y");
  expect(await stats()).toMatchObject({ entries: 2, maxEntries: 4 });
  expect((await purge({ all: true })).json).toMatchObject({ purged: 2 });
  expect(await stats()).toMatchObject({ entries: 0, bytes: 0 });
  await storeAnew("/x");
  const deleted = await ask(`${origin.gateway.admin}/api/cache`, { method: "DELETE" });
  expect({ status: deleted.status, ...JSON.parse(deleted.text) }).toEqual({ status: 200, purged: 1, mode: "hard" });
  expect(await kept("/x")).toEqual([]);
});

test("softly: what is purged is validated before it is used again", async () => {
  await storeAnew("/soft");
  expect((await purge({ url: origin.url("/soft"), soft: true })).json).toEqual({ purged: 1, mode: "soft" });
  origin.at("/soft", ({ headers }, response) => {
    expect(headers["if-none-match"]).toBe('"1"');
    response.writeHead(304, TAGGED).end();
  });
  expect(told(await origin.get("/soft"))).toBe("REVALIDATED 1");
});

test.each([
  ["no selector", {}, /exactly one of url, prefix, tag and all/],
  ["two selectors", { url: "http://a/", tag: "t" }, /exactly one of url, prefix, tag and all/],
  ["a URL that is none", { url: "nonsense" }, /"nonsense" is no URL/],
  ["a prefix without an origin", { prefix: "/blog" }, /no prefix of URLs/],
])("a purge with %s is refused in plain words", async (_name, selector, words) => {
  const { status, json } = await purge(selector);
  expect(status).toBe(400);
  expect(json).toMatchObject({ detail: expect.stringMatching(words) });
});

test("no more entries are kept than the config allows", async () => {
  await storeAnew();
  for (let page = 0; page < 10; page++) {
    origin.counts(`/page-${page}`);
    await origin.get(`/page-${page}`);
  }
  const { entries = 0, evictions = 0 } = await stats();
  expect(entries).toBeLessThanOrEqual(4);
  expect(evictions).toBeGreaterThanOrEqual(6);
});
