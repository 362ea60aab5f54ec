import { type Answer, ask } from "./support/http-client.ts";
import { Origin, told } from "./support/origin.ts";

let origin: Origin;
beforeAll(async () => {
  origin = await Origin.start({
    routes: [
      { path: "/closed", auth: "none" },
      { path: "/elsewhere", auth: "none", cache: { purge: { from: ["192.0.2.0/24"] } } },
      { path: "/keyed", cache: { purge: {} } },
      { path: "/", auth: "none", cache: { purge: { from: ["127.0.0.1"] }, key: { query: { deny: ["utm_*"] } } } },
    ],
  });
});
afterAll(() => origin.stop());

const TAGGED = { "Cache-Control": "max-age=600", ETag: '"1"', Vary: "Accept-Language" };

const purge = (path: string, headers = {}): Promise<Answer> => ask(origin.url(path), { method: "PURGE", headers });
const outcome = ({ status, text }: Answer): unknown => ({ status, ...JSON.parse(text) });

async function store(path: string, headers: Record<string, string> = {}): Promise<void> {
  origin.counts(path.split("?")[0] ?? path, { ...TAGGED, ...headers });
  expect(told(await origin.get(path))).toBe("MISS 1");
  expect(told(await origin.get(path))).toBe("HIT 1");
}

test("a URL goes with all its variants, by the key that its route makes of it", async () => {
  await store("/url?x=1");
  expect(told(await origin.get("/url?x=1", { "Accept-Language": "de" }))).toBe("MISS 2");
  await origin.get("/url?x=2");
  expect(outcome(await purge("/url?utm_source=mail&x=1"))).toEqual({ status: 200, purged: 2, mode: "hard" });
  expect(told(await origin.get("/url?x=1"))).toBe("MISS 4");
  expect(told(await origin.get("/url?x=2"))).toBe("HIT 3");
  expect(origin.backend.requests.filter(({ method }) => method === "PURGE")).toEqual([]);
});

test("softly: what is purged is validated before it is used again", async () => {
  await store("/soft");
  expect(outcome(await purge("/soft", { "Purge-Mode": "soft" }))).toEqual({ status: 200, purged: 1, mode: "soft" });
  origin.at("/soft", ({ headers }, response) => {
    response.writeHead(headers["if-none-match"] === '"1"' ? 304 : 500, TAGGED).end();
  });
  expect(told(await origin.get("/soft"))).toBe("REVALIDATED 1");
});

test.each(["Cache-Tag", "Surrogate-Key"])("what has a tag of %s goes, whatever its URL", async (name) => {
  const paths = [`/${name}/one`, `/${name}/two`];
  for (const path of paths)
    await store(path, { [name]: name === "Cache-Tag" ? `front, in-${name}` : `front in-${name}` });
  await store(`/${name}/other`, { [name]: "front" });
  expect(outcome(await purge("/any", { [name]: `in-${name}` }))).toMatchObject({ status: 200, purged: 2 });
  for (const path of paths) expect(told(await origin.get(path))).toBe("MISS 2");
  expect(told(await origin.get(`/${name}/other`))).toBe("HIT 1");
});

test.each([
  ["/closed", 405, "method-not-allowed"],
  ["/elsewhere", 403, "forbidden"],
  ["/keyed", 401, "missing-credential"],
])("PURGE of %s is %d %s", async (path, status, code) => {
  expect(outcome(await purge(path))).toMatchObject({ status, code });
});
