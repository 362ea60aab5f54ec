import { ask, askJson } from "./support/http-client.ts";
import { logLines } from "./support/log.ts";
import { type Pools, saying, startPools } from "./support/pools.ts";
import { eventually } from "./support/raw-client.ts";

let here: Pools<"main" | "beta" | "curl" | "api">;

beforeAll(async () => {
  here = await startPools(
    { main: saying("main"), beta: saying("beta"), curl: saying("curl"), api: saying("api") },
    {
      routes: [
        { path: "/api", headers: { "X-Beta": "1" }, pool: "beta", auth: "none", cache: { key: { query: "none" } } },
        { path: "/api", query: { version: "2" }, pool: "beta", auth: "none" },
        { path: "/api", pool: "api", auth: "none" },
        { cookies: { beta: "on" }, pool: "beta", auth: "none", cache: { purge: {} } },
        { headers: { "User-Agent": "curl/*", "X-Human": false }, pool: "curl", auth: "none", cache: { purge: {} } },
        { pool: "main", auth: "none", cache: { purge: {} } },
      ],
    },
  );
});
afterAll(() => here.stop());

test.each<[string, string, Record<string, string>, string]>([
  ["nothing of note", "/", {}, "main"],
  ["a cookie", "/", { Cookie: "a=1; beta=on" }, "beta"],
  ["a cookie of another value", "/", { Cookie: "beta=off" }, "main"],
  ["a field that begins so", "/", { "User-Agent": "curl/8.1" }, "curl"],
  ["a field that must not be there", "/", { "User-Agent": "curl/8.1", "X-Human": "yes" }, "main"],
  ["a field under a path", "/api/x", { "X-Beta": "1" }, "beta"],
  ["that field elsewhere", "/other", { "X-Beta": "1" }, "main"],
  ["a parameter", "/api?version=2", {}, "beta"],
  ["another parameter", "/api?version=3", {}, "api"],
  ["a cookie where an earlier route takes the path", "/api", { Cookie: "beta=on" }, "api"],
])("a request with %s goes where the first route that takes it leads", async (_name, path, headers, expected) => {
  const answer = await ask(here.url(path), { headers });
  expect([answer.status, answer.text]).toEqual([200, expected]);
});

test("the access log names the pool", async () => {
  await ask(here.url("/logged"), { headers: { Cookie: "beta=on" } });
  await ask(here.url("/logged"));
  const pools = (): string[] => {
    const lines = logLines(here.gateway).filter((line) => line.includes('"path":"/logged"'));
    return lines.map((line) => JSON.parse(line).pool);
  };
  await eventually(() => pools().length === 2, "both requests are logged");
  expect(pools()).toEqual(["beta", "main"]);
});

/** X-Cache and the body of a request for what may be stored. */
async function told(path: string, headers: Record<string, string> = {}): Promise<string> {
  const answer = await ask(here.url(path), { headers });
  return `${answer.headers["x-cache"]} ${answer.text}`;
}

test("what one pool has answered never answers a request for another", async () => {
  const [beta, curl] = [{ Cookie: "beta=on" }, { "User-Agent": "curl/8" }];
  const first = [await told("/a?store"), await told("/a?store", beta), await told("/a?store", curl)];
  expect(first).toEqual(["MISS main", "MISS beta", "MISS curl"]);
  const again = [await told("/a?store", curl), await told("/a?store"), await told("/a?store", beta)];
  expect(again).toEqual(["HIT curl", "HIT main", "HIT beta"]);
});

test("identical misses of two pools share none of their answers", async () => {
  const all = Array.from({ length: 40 }, (_, index) => {
    const headers = index % 2 === 0 ? {} : { Cookie: "beta=on" };
    return ask(here.url("/together?store"), { headers });
  });
  const texts = (await Promise.all(all)).map(({ text }) => text);
  expect(texts).toEqual(texts.map((_, index) => (index % 2 === 0 ? "main" : "beta")));
});

test("a purge of the URL reaches what is stored of every pool, by PURGE and by the admin API", async () => {
  const beta = { Cookie: "beta=on" };
  const purges = [
    () => ask(here.url("/purged?store"), { method: "PURGE" }),
    () => askJson(`${here.gateway.admin}/api/cache/purge`, "POST", { url: here.url("/purged?store") }),
  ];
  for (const purge of purges) {
    expect([await told("/purged?store"), await told("/purged?store", beta)]).toEqual(["MISS main", "MISS beta"]);
    expect([await told("/purged?store"), await told("/purged?store", beta)]).toEqual(["HIT main", "HIT beta"]);
    const answer = await purge();
    expect([answer.status, JSON.parse(answer.text).purged]).toEqual([200, 2]);
  }
});

test("a change through one pool reaches what is stored of every pool, by whatever key", async () => {
  const beta = { "X-Beta": "1" };
  expect([await told("/api/x?store"), await told("/api/x?store", beta)]).toEqual(["MISS api", "MISS beta"]);
  expect([await told("/api/x?store"), await told("/api/x?store", beta)]).toEqual(["HIT api", "HIT beta"]);
  await ask(here.url("/api/x?store"), { method: "PUT", body: "new" });
  expect([await told("/api/x?store"), await told("/api/x?store", beta)]).toEqual(["MISS api", "MISS beta"]);
});
