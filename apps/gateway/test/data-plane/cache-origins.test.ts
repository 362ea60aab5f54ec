import { compilePolicy } from "@headgate/cache";
import { compileConditions } from "../../src/routing/conditions.ts";
import type { CompiledRoute } from "../../src/routing.ts";
import type { UpstreamPool } from "../../src/upstream/upstream-pool.ts";
import { aPage, CacheStage, type Client, settle } from "./support/cache-stage.ts";
import { aGeneration, aRoute } from "./support/exchanges.ts";
import { TestPool } from "./support/upstream.ts";

const named = (name: string): UpstreamPool => Object.assign(new TestPool([]), { name }) as UpstreamPool;
const BETA = { fields: ["X-Beta", "1"] };

/** A header leads to another pool; its route may make other keys. */
function twoPools(betaKey: object = {}): CacheStage {
  const conditions = compileConditions({ headers: { "X-Beta": "1" } });
  const common: Partial<CompiledRoute> = { partitioned: true, mayPurge: () => true };
  const routes = [
    aRoute({ ...common, conditions, pool: named("beta"), cache: compilePolicy({ key: betaKey }) }),
    aRoute({ ...common, pool: named("main"), cache: compilePolicy() }),
  ];
  return new CacheStage({ generation: aGeneration({ routes }) });
}

const told = async (client: Promise<Client>): Promise<string> => (await client).told;
const FRESH = ["Cache-Control", "max-age=60"];
const page = (text: string): ReturnType<typeof aPage> => aPage(FRESH, text);

test("what is stored of one pool never answers a request for another", async () => {
  const stage = twoPools();
  expect(await told(stage.ask("/a", BETA, page("beta")))).toBe("MISS beta");
  expect(await told(stage.ask("/a", {}, page("main")))).toBe("MISS main");
  expect(await told(stage.ask("/a", BETA))).toBe("HIT beta");
  expect(await told(stage.ask("/a"))).toBe("HIT main");
  expect(stage.upstream.map(({ request }) => request.pool.name)).toEqual(["beta", "main"]);
});

test("identical misses of different pools do not wait for each other", async () => {
  const stage = twoPools();
  const clients = [stage.send("/a", BETA), stage.send("/a"), stage.send("/a", BETA), stage.send("/a")];
  await settle();
  expect(stage.upstream.map(({ request }) => request.pool.name)).toEqual(["beta", "main"]);
  for (const upstream of stage.upstream) upstream.reply(...page(upstream.request.pool.name));
  await Promise.all(clients.map(({ done }) => done));
  expect(clients.map(({ text }) => text)).toEqual(["beta", "main", "beta", "main"]);
});

test("a stale entry stands in for its own pool alone, and is validated there", async () => {
  const stage = twoPools();
  const stale = ["Cache-Control", "max-age=1, stale-while-revalidate=100", "ETag", '"1"'];
  await stage.ask("/a", BETA, aPage(stale, "beta"));
  await stage.ask("/a", {}, aPage(stale, "main"));
  stage.clock.advance(5000);
  const client = stage.send("/a", BETA);
  await client.done;
  await settle();
  expect([client.told, stage.upstream.length, stage.last.request.pool.name]).toEqual(["STALE beta", 3, "beta"]);
  stage.last.reply(200, FRESH, "beta 2");
  await settle();
  expect(await told(stage.ask("/a", BETA))).toBe("HIT beta 2");
  const other = stage.send("/a");
  await other.done;
  expect(other.told).toBe("STALE main");
  await settle();
  stage.last.reply(304, FRESH);
  await settle();
});

test.each([
  ["PURGE of the URL", {}],
  ["PURGE of the URL, where the routes make different keys of it", { query: "none" as const }],
])("%s reaches what is stored of all pools", async (_name, betaKey) => {
  const stage = twoPools(betaKey);
  await stage.ask("/a?x", BETA, page("beta"));
  await stage.ask("/a?x", {}, page("main"));
  expect((await stage.ask("/a?x", { method: "PURGE" })).text).toContain('"purged":2');
  expect(await told(stage.ask("/a?x", BETA, page("beta 2")))).toBe("MISS beta 2");
  expect(await told(stage.ask("/a?x", {}, page("main 2")))).toBe("MISS main 2");
});

test("a change through one pool makes invalid what is stored of all", async () => {
  const stage = twoPools({ query: "none" });
  await stage.ask("/a?x", BETA, page("beta"));
  await stage.ask("/a?x", {}, page("main"));
  await stage.ask("/a?x", { method: "PUT" }, aPage([], "changed"));
  expect(await told(stage.ask("/a?x", BETA, page("beta 2")))).toBe("MISS beta 2");
  expect(await told(stage.ask("/a?x", {}, page("main 2")))).toBe("MISS main 2");
});

test("a POST that stands for GET does so for its own pool", async () => {
  const stage = twoPools();
  const fields = [...FRESH, "Content-Location", "/a"];
  await stage.ask("/a", { method: "POST", ...BETA }, aPage(fields, "beta"));
  expect(await told(stage.ask("/a", {}, page("main")))).toBe("MISS main");
  expect(await told(stage.ask("/a", BETA))).toBe("HIT beta");
});

test("where one pool answers, keys are as they ever were", async () => {
  const stage = new CacheStage();
  await stage.ask("/a");
  expect(stage.memory.get("http://example.com/a" as never, stage.clock.now())).toHaveLength(1);
});
