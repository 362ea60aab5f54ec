import { compilePolicy } from "@headgate/cache";
import { GatewayError } from "../../src/gateway-error.ts";
import { aPage, CacheStage, settle } from "./support/cache-stage.ts";
import { aGeneration, aRoute } from "./support/exchanges.ts";

test("a miss is stored, a hit is answered in the same turn, and each says so", async () => {
  const stage = new CacheStage();
  const miss = await stage.ask("/a");
  expect(miss.told).toBe("MISS page");
  expect(miss.field("cache-status")).toBe("headgate; fwd=uri-miss; ttl=60; stored");
  expect(miss.exchange.record).toMatchObject({ cache: "MISS", cacheDetail: "uri-miss" });
  stage.clock.advance(5000);
  const hit = stage.send("/a");
  await hit.done;
  expect([hit.told, hit.field("age"), hit.field("cache-status")]).toEqual(["HIT page", "5", "headgate; hit; ttl=55"]);
  expect(hit.exchange.record).toMatchObject({ cache: "HIT", cacheDetail: null });
  expect([stage.store.pending, stage.budget.used]).toEqual([0, 0]);
});

test.each([
  ["private", ["Cache-Control", "private"], "private"],
  ["no-store", ["Cache-Control", "no-store"], "no-store"],
  ["Set-Cookie", ["Set-Cookie", "a=1"], "set-cookie"],
  ["Vary: *", ["Vary", "*"], "vary-star"],
])("a refusal to store is told with its reason: %s", async (_name, fields, reason) => {
  const stage = new CacheStage();
  const { exchange, ...client } = await stage.ask("/a", {}, aPage(fields));
  expect(client.response?.fields).toContain(`headgate; fwd=uri-miss; detail=${reason}`);
  expect(exchange.record).toMatchObject({ cache: "MISS", cacheDetail: reason });
});

test.each([
  ["POST", {}, "method"],
  ["GET", { fields: ["Cache-Control", "no-store"] }, "no-store"],
  ["GET", { fields: ["If-Match", '"x"'] }, "precondition"],
  ["GET", { upgrade: "websocket" }, "upgrade"],
])("a bypass is told with its reason: %s %j", async (method, changes, reason) => {
  const stage = new CacheStage();
  const { exchange } = await stage.ask("/a", { method, ...changes });
  expect(exchange.record).toMatchObject({ cache: "BYPASS", cacheDetail: reason });
});

test("a route without cache is told", async () => {
  const stage = new CacheStage({ generation: aGeneration({ routes: [aRoute({ cache: null })] }) });
  const client = await stage.ask("/a");
  expect(client.field("cache-status")).toBe("headgate; fwd=bypass; detail=route");
  expect(client.exchange.record).toMatchObject({ cache: "BYPASS", cacheDetail: "route" });
});

test("a failure is told as what the lookup said", async () => {
  const stage = new CacheStage();
  const client = stage.send("/a");
  await settle();
  stage.last.fail(new GatewayError("no-healthy-backend", "none"));
  await client.done;
  expect(client.error).toMatchObject({ code: "no-healthy-backend" });
  expect(client.exchange.record).toMatchObject({ cache: "MISS", cacheDetail: "uri-miss" });
});

describe("a stale entry and a backend out of reach", () => {
  async function withStale(control: string, failure = new GatewayError("no-healthy-backend", "none")) {
    const stage = new CacheStage();
    await stage.ask("/a", {}, aPage(["Cache-Control", control, "ETag", '"1"']));
    stage.clock.advance(20_000);
    const client = stage.send("/a");
    await settle();
    stage.last.fail(failure);
    await client.done;
    return client;
  }

  test("it stands in where nothing forbids it", async () => {
    const client = await withStale("max-age=10");
    expect([client.told, client.field("cache-status")]).toEqual([
      "STALE page",
      "headgate; fwd=stale; ttl=-10; detail=disconnect",
    ]);
  });

  test.each(["must-revalidate", "proxy-revalidate", "s-maxage=10", "no-cache"])(
    "504 where %s forbids it",
    async (rule) => {
      const client = await withStale(`max-age=10, ${rule}`);
      expect(client.error).toMatchObject({ code: "revalidation-failed", status: 504 });
      expect(client.exchange.record).toMatchObject({ cache: "MISS", cacheDetail: "must-revalidate" });
    },
  );

  test("an error of the gateway's own is not papered over", async () => {
    const client = await withStale("max-age=10", new GatewayError("content-too-large", "too large"));
    expect(client.error).toMatchObject({ code: "content-too-large" });
  });
});

describe("invalidation by the rules of the GET's route", () => {
  const routes = [
    aRoute({ prefix: "/a", methods: new Set(["GET"]), cache: compilePolicy({ key: { query: { deny: ["utm"] } } }) }),
    aRoute({ prefix: "/other", cache: compilePolicy({ key: { query: "none" } }) }),
    aRoute({ cache: null, mayPurge: () => true }),
  ];

  test.each([
    ["its own URL", "/a?x=1&utm=2", []],
    ["another by Location", "/b", ["Location", "/a?utm=9&x=1"]],
    ["another by Content-Location", "/b", ["Content-Location", "/a?x=1"]],
  ])("a POST to a route of its own invalidates %s", async (_name, target, fields) => {
    const stage = new CacheStage({ generation: aGeneration({ routes }) });
    await stage.ask("/a?x=1");
    await stage.ask("/a?x=2");
    const post = await stage.ask(target, { method: "POST" }, [201, fields, "made"]);
    expect(post.told).toBe("BYPASS made");
    expect((await stage.ask("/a?x=1", {}, aPage(undefined, "new"))).told).toBe("MISS new");
    expect((await stage.ask("/a?x=2")).told).toBe("HIT page");
  });

  test("so does PURGE", async () => {
    const stage = new CacheStage({ generation: aGeneration({ routes }) });
    await stage.ask("/a?x=1");
    const purged = await stage.ask("/a?x=1&utm=7", { method: "PURGE" });
    expect(purged.text).toBe('{"purged":1,"mode":"hard"}');
    expect((await stage.ask("/never")).told).toBe("BYPASS page");
    expect((await stage.ask("/never", { method: "PURGE" })).text).toBe('{"purged":0,"mode":"hard"}');
  });
});

describe("a POST that says what GET would give", () => {
  const reply = (text: string): [number, string[], string] => [
    200,
    ["Content-Location", "/a", "Cache-Control", "max-age=60"],
    text,
  ];

  test("is stored for GET", async () => {
    const stage = new CacheStage();
    await stage.ask("/a", { method: "POST" }, reply("posted"));
    expect((await stage.ask("/a")).told).toBe("HIT posted");
  });

  test("is not, where another change came between", async () => {
    const stage = new CacheStage();
    const first = stage.send("/a", { method: "POST" });
    await settle();
    const upstream = stage.last;
    await stage.send("/a", { method: "PURGE" }).done;
    upstream.reply(...reply("old"));
    await first.done;
    expect((await stage.ask("/a", {}, aPage(undefined, "new"))).told).toBe("MISS new");
  });

  test("is, where only other URLs were purged meanwhile", async () => {
    const stage = new CacheStage();
    const first = stage.send("/a", { method: "POST" });
    await settle();
    const upstream = stage.last;
    await stage.send("/b", { method: "PURGE" }).done;
    upstream.reply(...reply("posted"));
    await first.done;
    expect((await stage.ask("/a")).told).toBe("HIT posted");
    expect(stage.store.pending).toBe(0);
  });
});

describe("QUERY", () => {
  const content = (text: string) => {
    const bytes = Buffer.from(text);
    return {
      length: bytes.length,
      received: bytes.length,
      pipe: (sink: { data(chunk: Buffer): boolean; end(trailers: null): void }) => {
        sink.data(bytes);
        sink.end(null);
      },
      resume: () => undefined,
      cancel: () => undefined,
    } as never;
  };
  const ask = (stage: CacheStage, text: string, page: string) =>
    stage.ask(
      "/q",
      { method: "QUERY", body: content(text), fields: ["Content-Type", "text/plain"] },
      aPage(undefined, page),
    );

  test("is answered by what has the same content, which goes upstream whole", async () => {
    const stage = new CacheStage();
    expect((await ask(stage, "one", "1")).told).toBe("MISS 1");
    expect(stage.last.content).toBe("one");
    expect((await ask(stage, "two", "2")).told).toBe("MISS 2");
    expect((await ask(stage, "one", "x")).told).toBe("HIT 1");
    expect((await ask(stage, "two", "x")).told).toBe("HIT 2");
    expect(stage.upstream).toHaveLength(2);
  });

  test("is renewed in the background with its content", async () => {
    const stage = new CacheStage();
    const reply = aPage(["Cache-Control", "max-age=10, stale-while-revalidate=60"], "1");
    const send = () => stage.send("/q", { method: "QUERY", body: content("one") });
    const first = send();
    await settle();
    stage.last.reply(...reply);
    await first.done;
    stage.clock.advance(20_000);
    const stale = send();
    await stale.done;
    await settle();
    expect(stale.told).toBe("STALE 1");
    expect(stage.last.content).toBe("one");
    stage.last.reply(...aPage(undefined, "2"));
    await settle();
    const fresh = send();
    await fresh.done;
    expect(fresh.told).toBe("HIT 2");
  });

  test("with more content than is held goes past the cache", async () => {
    const generation = aGeneration({
      config: { limits: { replay: 4 } },
      routes: [aRoute({ cache: compilePolicy() })],
    });
    const client = await ask(new CacheStage({ generation }), "too long", "1");
    expect(client.field("cache-status")).toBe("headgate; fwd=bypass; detail=request-body");
  });
});

test("a store that fails is as good as empty", async () => {
  const stage = new CacheStage();
  const broken = () => Promise.reject(new Error("no store"));
  Object.assign(stage.memory, { get: broken, put: broken });
  const client = await stage.ask("/a");
  await settle();
  expect(client.told).toBe("MISS page");
  expect(stage.failures).toHaveLength(2);
  Object.assign(stage.memory, {
    get: () => {
      throw new Error("no store");
    },
  });
  expect((await stage.ask("/a")).told).toBe("MISS page");
});
