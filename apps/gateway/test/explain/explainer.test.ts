import type { BackendId, ChooseContext } from "@headgate/balancer";
import { compilePolicy, entryOf, MemoryStore, NO_DEMANDS, planStore, primaryKey } from "@headgate/cache";
import { buildGeneration } from "../../src/build-generation.ts";
import { GuardedStore } from "../../src/caching/guarded-store.ts";
import { Explainer } from "../../src/explain/explainer.ts";
import type { Explanation, Question } from "../../src/explain/explanation.ts";
import { entrance } from "../../src/pipeline.ts";
import { Bench, snapshot } from "../control-support.ts";

const BACKENDS = ["http://10.0.0.1:80", "http://10.0.0.2:80", "http://10.0.0.3:80"];

/** Pools over virtual time, and an explainer that sees them. */
class Desk {
  readonly bench = new Bench();
  readonly store = new GuardedStore(new MemoryStore());
  readonly #explainer: Explainer;
  inFlight = 0;

  constructor(pool: object = {}, more: object = {}) {
    const config = snapshot({
      pools: { default: { backends: BACKENDS, health: false, ...pool } },
      routes: [{ path: "/", auth: "none" }],
      ...more,
    });
    this.bench.apply(config);
    const generation = buildGeneration(config, this.bench.registry, { secret: "secret", signing: () => "secret" });
    this.#explainer = new Explainer({
      ...{ clock: this.bench.clock, store: this.store, entrance, generation: () => generation },
      inFlight: () => this.inFlight,
      own: () => [
        { scheme: "http", port: 8080 },
        { scheme: "https", port: 8443 },
      ],
    });
  }

  get pool() {
    return this.bench.registry.get("default");
  }

  ask(changes: Partial<Question> = {}): Promise<Explanation> {
    const question = { method: "GET", url: "/a", headers: [], client: "192.0.2.1", ...changes };
    return this.#explainer.explain(question, [this.pool.status()]);
  }

  choose(more: Partial<ChooseContext> = {}): string {
    const context = { tried: null, now: this.bench.scheduler.now(), random: () => 0.5, ...more };
    const choice = this.pool.balancer.choose(context);
    return choice.kind === "chosen" ? choice.backend.id : choice.reason;
  }
}

describe("the request", () => {
  test("a path is one of the TLS listener; a URL is as it stands, without its fragment", async () => {
    const desk = new Desk();
    expect((await desk.ask({ url: "/a?b#c" })).request.url).toBe("https://localhost:8443/a?b");
    expect((await desk.ask({ url: "http://Example.com:81#c" })).request.url).toBe("http://example.com:81/");
    expect((await desk.ask({ headers: ["Host", "other.org"] })).request.url).toBe("https://other.org/a");
  });

  test.each([
    [{ url: "a" }, /is no URL/],
    [{ url: "ftp://localhost/" }, /is no URL/],
    [{ url: "http://" }, /is no URL/],
    [{ method: "" }, /is no method/],
    [{ headers: ["a b", "c"] }, /is no name of a header field/],
  ])("%j is none that a client could send", async (changes, words) => {
    await expect(new Desk().ask(changes)).rejects.toThrow(words);
  });

  test("what is refused for its form is an answer like any other", async () => {
    const { verdict, route } = await new Desk().ask({
      headers: ["Content-Length", "1", "Transfer-Encoding", "chunked"],
    });
    expect(verdict).toMatchObject({ kind: "refused", by: "admit", status: 400, code: "length-with-transfer-encoding" });
    expect(route).toBeNull();
  });

  test("a full gateway refuses", async () => {
    const desk = new Desk({}, { limits: { exchanges: 3 } });
    desk.inFlight = 3;
    expect(await desk.ask()).toMatchObject({
      verdict: { status: 503, code: "overload" },
      limits: { inFlight: { now: 3, limit: 3 } },
    });
  });

  test("PURGE is answered, and purges nothing", async () => {
    const desk = new Desk({}, { routes: [{ path: "/", auth: "none", cache: { purge: { from: ["192.0.2.0/24"] } } }] });
    const purged: unknown[] = [];
    desk.store.keepOut = (target) => void purged.push(target);
    expect((await desk.ask({ method: "PURGE" })).verdict).toEqual({ kind: "answered", by: "purge", status: 200 });
    expect((await desk.ask({ method: "PURGE", client: "198.51.100.1" })).verdict).toMatchObject({ status: 403 });
    expect(purged).toEqual([]);
  });
});

describe("the pool", () => {
  test("round robin: who is next, again and again, until it is taken", async () => {
    const desk = new Desk();
    desk.choose();
    for (let asked = 0; asked < 3; asked++)
      expect((await desk.ask()).verdict).toEqual({ kind: "forwarded", pool: "default", backend: "10.0.0.2:80" });
    expect(desk.choose()).toBe("10.0.0.2:80");
    expect(desk.pool.balancer.active).toBe(2);
  });

  test("a policy that draws: chances, which make up one", async () => {
    const { verdict, upstream } = await new Desk({ balancing: "power-of-two" }).ask();
    expect(verdict).toMatchObject({ backend: null });
    expect(upstream?.choice).toEqual({ kind: "drawn" });
    expect(upstream?.backends.reduce((sum, { odds }) => sum + odds, 0)).toBeCloseTo(1);
  });

  test("hashing: whose the key is, or that there is none", async () => {
    const balancing = { policy: "consistent-hash", on: "header", name: "X-User" };
    const desk = new Desk({ balancing });
    const { upstream } = await desk.ask({ headers: ["X-User", "ann"] });
    expect(upstream).toMatchObject({ balancing, hashKey: { on: "header", name: "X-User", present: true } });
    expect(upstream?.choice).toEqual({ kind: "settled", backend: desk.choose({ hashKey: "ann" }), reason: "policy" });
    expect((await desk.ask()).upstream).toMatchObject({ hashKey: { present: false }, choice: { kind: "drawn" } });
  });

  test("a session: where it is pinned, and why it would move", async () => {
    const desk = new Desk({ sticky: { cookie: "hg" } });
    const id = "10.0.0.3:80" as BackendId;
    const cookie = desk.pool.rules.sessions?.pin(id, "http").split(";")[0] ?? "";
    const ask = () => desk.ask({ headers: ["Cookie", cookie] });
    expect((await desk.ask()).upstream?.session).toEqual({ cookie: "hg", pinned: null, plan: null });
    const pinned = await ask();
    expect(pinned.upstream).toMatchObject({
      session: { pinned: id, plan: "keep" },
      choice: { backend: id, reason: "sticky" },
    });
    desk.pool.balancer.setEjected(id, true);
    expect((await ask()).upstream).toMatchObject({
      session: { plan: "hand-over: ejected" },
      choice: { reason: "policy" },
    });
  });

  test("no room: it waits in line", async () => {
    const desk = new Desk({ limits: { requests: 1, waiting: 7, wait: "2s" } });
    desk.choose();
    expect(await desk.ask()).toMatchObject({
      verdict: { kind: "forwarded", backend: null },
      upstream: {
        choice: { kind: "waits", reason: "room" },
        queue: { limit: 1, active: 1, waiting: 0, capacity: 7, longestWait: 2000, breaker: null },
      },
    });
  });

  test("an open breaker: 503, and no probe is let through by asking", async () => {
    const desk = new Desk({ breaker: { minimum: 1, open: "5s", probes: 1 } });
    const { gate } = desk.pool.rules;
    gate?.leave(gate.admit(), { latency: 1, failed: true, now: 0 });
    expect(await desk.ask()).toMatchObject({
      verdict: { by: "balance", status: 503, code: "circuit-open" },
      upstream: { choice: { kind: "none", reason: "breaker" }, queue: { breaker: "open" } },
    });
    await desk.bench.pass(6000);
    for (let asked = 0; asked < 3; asked++) expect((await desk.ask()).verdict.kind).toBe("forwarded");
    expect(gate?.breaker).toBe("open");
  });

  test("retries and hedging: by method, key and budget, of which nothing is spent", async () => {
    const desk = new Desk(
      { retries: { count: 3, on: [503], budget: "0%", reserve: 1 }, hedging: true },
      { routes: [{ path: "/", auth: "none", idempotencyKey: true }] },
    );
    const told = async (changes: Partial<Question>) => (await desk.ask(changes)).upstream;
    const get = await told({});
    expect(get).toMatchObject({
      retries: { count: 3, when: "idempotent", on: ["503"], budgetLeft: 10 },
      hedging: { kind: "single", reason: "too-little-known" },
    });
    expect((await told({ method: "POST" }))?.retries.when).toBe("unsent");
    expect((await told({ method: "POST", headers: ["Idempotency-Key", "1"] }))?.retries.when).toBe("idempotency-key");
    for (let known = 0; known < 200; known++) desk.pool.rules.latencies?.add(40, 0);
    expect((await told({}))?.hedging).toMatchObject({ kind: "hedge", after: expect.closeTo(42, -1) });
    expect(desk.pool.budget.left(0)).toBe(10);
  });

  test("none usable: 503, unless a stale response stands in", async () => {
    const desk = new Desk();
    for (const { id } of desk.pool.balancer.backends) desk.pool.balancer.setAvailable(id, false);
    expect((await desk.ask()).verdict).toMatchObject({ status: 503, code: "no-healthy-backend" });
    await desk.bench.pass(60_000);
    const url = "https://localhost:8443/a";
    storeStale(desk, url);
    expect(await desk.ask({ url })).toMatchObject({
      verdict: { kind: "answered", by: "cache", status: 200 },
      cache: { plan: "miss", reason: "stale", standsIn: true, entry: { ttl: -10_000 } },
    });
    expect((await desk.ask({ url, headers: ["Cache-Control", "no-cache"] })).verdict).toMatchObject({ status: 503 });
  });
});

/** A response that was fresh until ten seconds ago. */
function storeStale({ store, bench }: Desk, url: string): void {
  const now = bench.clock.now();
  const { host, pathname: path } = new URL(url);
  const request = { method: "GET", scheme: "https", host, path, fields: [], identity: null, hasBody: false };
  const policy = compilePolicy({});
  const at = now - 20_000;
  const plan = planStore({
    ...{ request, policy, demands: NO_DEMANDS, requestTime: at, responseTime: at, backend: "10.0.0.1:80" },
    ...{ status: 200, fields: ["Cache-Control", "max-age=10"] },
  });
  if (plan.kind === "pass") throw new Error(`not stored: ${plan.reason}`);
  store.put(primaryKey(request, policy), entryOf(plan.head, Buffer.from("old"), 100), at);
}

test("compression is what would be negotiated", async () => {
  const desk = new Desk();
  expect((await desk.ask({ headers: ["Accept-Encoding", "gzip;q=0.5, br"] })).compression).toEqual({
    kind: "encode",
    coding: "br",
    minimum: 1024,
  });
  expect((await desk.ask({ headers: ["Accept-Encoding", "lzma"] })).compression).toEqual({ kind: "none" });
});

test("a split is told with its shares, and how its pool would be found", async () => {
  const split = [{ pool: "default", weight: 3 }];
  const explained = (assign: object | false) =>
    new Desk({}, { routes: [{ auth: "none", split, assign, mirror: { pool: "default", share: "10%" } }] }).ask();
  const sides = [{ pool: "default", weight: 3 }];
  const mirror = { pool: "default", share: 0.1 };
  expect((await explained({})).route).toMatchObject({ pool: "default", split: { sides, why: "draw-new" }, mirror });
  expect((await explained({ by: "client" })).route?.split?.why).toBe("hash");
  expect((await explained(false)).route?.split?.why).toBe("draw-each");
});
