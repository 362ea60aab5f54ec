import { aPage, CacheStage, type Client, settle } from "./support/cache-stage.ts";
import { virtualTimers } from "./support/virtual-timers.ts";

const timers = virtualTimers();

const FRESH = ["Cache-Control", "max-age=60"];

async function crowd(stage: CacheStage, size: number, changes: object = {}): Promise<Client[]> {
  const clients = Array.from({ length: size }, () => stage.send("/a", changes));
  await settle();
  return clients;
}

test("identical misses make one request, and all get its answer", async () => {
  const stage = new CacheStage();
  const clients = await crowd(stage, 5);
  expect(stage.upstream).toHaveLength(1);
  stage.last.reply(200, FRESH, "page");
  await Promise.all(clients.map(({ done }) => done));
  expect(clients.map(({ told }) => told)).toEqual(Array(5).fill("MISS page"));
  expect(clients.map((client) => client.field("cache-status")).slice(1)).toEqual(
    Array(4).fill("headgate; fwd=uri-miss; ttl=60; collapsed"),
  );
  expect(clients[1]?.exchange.record.cacheDetail).toBe("collapsed");
});

test("where the answer is for one alone, the others ask for themselves", async () => {
  const stage = new CacheStage();
  const clients = await crowd(stage, 3);
  stage.last.reply(200, ["Cache-Control", "private"], "1");
  await settle();
  expect(stage.upstream).toHaveLength(3);
  stage.upstream[1]?.reply(200, ["Cache-Control", "private"], "2");
  stage.upstream[2]?.reply(200, ["Cache-Control", "private"], "3");
  await Promise.all(clients.map(({ done }) => done));
  expect(clients.map(({ text }) => text)).toEqual(["1", "2", "3"]);
  await crowd(stage, 2);
  expect(stage.upstream).toHaveLength(5);
  for (const upstream of stage.upstream.slice(3)) upstream.reply(200, FRESH, "x");
});

test("whom an answer is not for wait once more, with those like them", async () => {
  const stage = new CacheStage();
  const crowdOf = (identity: string, language: string) =>
    Array.from({ length: 4 }, () => stage.send("/a", { identity, fields: ["Accept-Language", language] }));
  const clients = [...crowdOf("alice", "de"), ...crowdOf("bob", "de"), ...crowdOf("alice", "fr")];
  await settle();
  expect(stage.upstream).toHaveLength(1);
  const varying = [...FRESH, "Vary", "Accept-Language"];
  stage.last.reply(200, varying, "alice de");
  await settle();
  expect(stage.upstream.map((upstream) => upstream.field("accept-language"))).toEqual(["de", "de", "fr"]);
  stage.upstream[1]?.reply(200, varying, "bob de");
  stage.upstream[2]?.reply(200, varying, "alice fr");
  await Promise.all(clients.map(({ done }) => done));
  expect(stage.upstream).toHaveLength(3);
  expect(clients.map(({ text }) => text)).toEqual([
    ...Array(4).fill("alice de"),
    ...Array(4).fill("bob de"),
    ...Array(4).fill("alice fr"),
  ]);
});

test("whoever waits longer than five seconds goes on alone", async () => {
  const stage = new CacheStage();
  const clients = await crowd(stage, 2);
  timers.time.advance(4999);
  await settle();
  expect(stage.upstream).toHaveLength(1);
  timers.time.advance(1);
  await settle();
  expect(stage.upstream).toHaveLength(2);
  for (const upstream of stage.upstream) upstream.reply(200, FRESH, "page");
  await Promise.all(clients.map(({ done }) => done));
});

test("a leader who leaves hands over; when the last has left, the backend is told", async () => {
  const stage = new CacheStage();
  const [leader, second, third] = await crowd(stage, 3);
  leader?.leave();
  await settle();
  expect(stage.last.answered).toBe(false);
  stage.last.reply(200, FRESH, "page");
  await second?.done;
  expect(second?.told).toBe("MISS page");
  await third?.done;

  const others = [stage.send("/b"), stage.send("/b")];
  await settle();
  for (const client of others) client.leave();
  await settle();
  expect(stage.last.request.cancellation.cancelled).toBe(true);
  expect(stage.store.pending).toBe(0);
});

test("a leader who leaves before a stream begins leaves it to those who wait", async () => {
  const stage = new CacheStage();
  const [leader, follower] = await crowd(stage, 2);
  leader?.leave();
  stage.last.reply(200, FRESH);
  await settle();
  stage.last.body?.push("page");
  stage.last.body?.end();
  await follower?.done;
  expect(follower?.told).toBe("MISS page");
  expect((await stage.ask("/a")).told).toBe("HIT page");
});

describe("what those who wait on a stream get", () => {
  async function streaming(fields: string[], changes: object) {
    const stage = new CacheStage();
    const leader = stage.send("/a");
    await settle();
    const waiting = stage.send("/a", changes);
    await settle();
    stage.last.reply(200, [...FRESH, ...fields]);
    await settle();
    const push = (text: string): void => void stage.last.body?.push(text);
    return { stage, leader, waiting, push };
  }

  test("HEAD: the head, at once", async () => {
    const { stage, waiting } = await streaming(["Content-Length", "10"], { method: "HEAD" });
    await waiting.done;
    expect([waiting.status, waiting.response?.body, waiting.field("content-length")]).toEqual([200, null, "10"]);
    expect(waiting.field("cache-status")).toContain("collapsed");
    expect(stage.upstream).toHaveLength(1);
    stage.last.body?.fail(new Error("over"));
  });

  test("a condition that holds: 304, at once", async () => {
    const { stage, waiting } = await streaming(["ETag", '"1"'], { fields: ["If-None-Match", '"1"'] });
    await waiting.done;
    expect([waiting.status, waiting.response?.body]).toEqual([304, null]);
    stage.last.body?.fail(new Error("over"));
  });

  test("a condition that does not hold: the body as it comes", async () => {
    const { stage, waiting, push } = await streaming(["ETag", '"2"'], { fields: ["If-None-Match", '"1"'] });
    push("pa");
    await settle();
    expect(waiting.sink?.text).toBe("pa");
    push("ge");
    stage.last.body?.end();
    await waiting.done;
    expect([waiting.status, waiting.text]).toEqual([200, "page"]);
  });

  test("a range: its part, when the whole is here", async () => {
    const { stage, leader, waiting, push } = await streaming([], { fields: ["Range", "bytes=2-5"] });
    push("01234");
    await settle();
    expect(waiting.response).toBeNull();
    // Even if nobody else reads any more.
    leader.leave();
    push("56789");
    stage.last.body?.end();
    await waiting.done;
    expect([waiting.status, waiting.text, waiting.field("content-range")]).toEqual([206, "2345", "bytes 2-5/10"]);
    expect(stage.upstream).toHaveLength(1);
  });

  test("a range of what breaks off: an answer of its own", async () => {
    const { stage, waiting, push } = await streaming([], { fields: ["Range", "bytes=2-5"] });
    push("01234");
    stage.last.body?.fail(new Error("broken off"));
    await settle();
    expect(stage.upstream).toHaveLength(2);
    stage.last.reply(206, ["Content-Range", "bytes 2-5/10"], "2345");
    await waiting.done;
    expect(waiting.status).toBe(206);
  });
});

describe("a purge while a response is under way", () => {
  test.each<[string, Parameters<CacheStage["store"]["purge"]>[0]]>([
    ["of the URL", { kind: "url", key: "http://example.com/a" as never }],
    ["of a tag it may have", { kind: "tag", tag: "news" }],
    ["of all", { kind: "all" }],
  ])("%s: it is not joined any more, and not stored", async (_name, target) => {
    const stage = new CacheStage();
    const early = stage.send("/a");
    await settle();
    const [before] = stage.upstream;
    void stage.store.purge(target, "hard", stage.clock.now());
    const late = stage.send("/a");
    await settle();
    expect(stage.upstream).toHaveLength(2);
    stage.last.reply(200, FRESH, "new");
    before?.reply(200, FRESH, "old");
    await Promise.all([early.done, late.done]);
    expect([early.text, late.text]).toEqual(["old", "new"]);
    expect(early.field("cache-status")).toBe("headgate; fwd=uri-miss; ttl=60; detail=purged");
    expect(early.exchange.record.cacheDetail).toBe("purged");
    expect((await stage.ask("/a")).told).toBe("HIT new");
  });

  test("in the middle of its body: whoever reads it gets it all, and it is not stored", async () => {
    const stage = new CacheStage();
    const client = stage.send("/a");
    await settle();
    stage.last.reply(200, FRESH);
    await settle();
    stage.last.body?.push("pa");
    void stage.store.purge({ kind: "all" }, "soft", stage.clock.now());
    stage.last.body?.push("ge");
    stage.last.body?.end();
    await client.done;
    expect(client.told).toBe("MISS page");
    expect(client.exchange.record.cacheDetail).toBe("purged");
    expect(stage.memory.stats().entries).toBe(0);
    expect([stage.store.pending, stage.budget.used]).toEqual([0, 0]);
  });

  test("while it is validated: the refreshed entry is not put back", async () => {
    const stage = new CacheStage();
    await stage.ask("/a", {}, aPage([...FRESH, "ETag", '"1"']));
    stage.clock.advance(61_000);
    const client = stage.send("/a");
    await settle();
    void stage.store.purge({ kind: "all" }, "hard", stage.clock.now());
    stage.last.reply(304, [...FRESH, "ETag", '"1"']);
    await client.done;
    expect(client.told).toBe("REVALIDATED page");
    expect(stage.memory.stats().entries).toBe(0);
  });
});

describe("room for bodies on their way", () => {
  test("what finds none passes through unstored, and room is given back", async () => {
    const stage = new CacheStage({ room: 10 });
    const first = stage.send("/a");
    await settle();
    const a = stage.last.reply(200, FRESH);
    await settle();
    a.body?.push("12345678");
    expect(stage.budget.used).toBe(8);
    const second = stage.send("/b");
    await settle();
    const b = stage.last.reply(200, FRESH);
    await settle();
    b.body?.push("12");
    b.body?.push("345");
    b.body?.end();
    await second.done;
    expect([second.text, second.exchange.record.cacheDetail]).toEqual(["12345", "no-room"]);
    expect(stage.budget.used).toBe(8);
    a.body?.end();
    await first.done;
    expect([stage.budget.used, stage.store.pending]).toEqual([0, 0]);
    expect((await stage.ask("/a")).told).toBe("HIT 12345678");
    expect((await stage.ask("/b", {}, aPage(FRESH, "new"))).told).toBe("MISS new");
  });

  test("what is announced as larger than the room takes none", async () => {
    const stage = new CacheStage({ room: 10 });
    const client = stage.send("/a");
    await settle();
    stage.last.reply(200, [...FRESH, "Content-Length", "11"]);
    await settle();
    expect(client.field("cache-status")).toContain("detail=no-room");
    stage.last.body?.push("12345678901");
    expect(stage.budget.used).toBe(0);
    stage.last.body?.end();
    await client.done;
    expect(client.text).toBe("12345678901");
  });

  test("a body longer than an object may be is told so", async () => {
    const stage = new CacheStage({ policy: { maxObject: 4 } });
    const client = stage.send("/a");
    await settle();
    stage.last.reply(200, FRESH);
    await settle();
    stage.last.body?.push("123456");
    stage.last.body?.end();
    await client.done;
    expect([client.text, client.exchange.record.cacheDetail]).toEqual(["123456", "too-large"]);
  });
});

describe("stale-while-revalidate", () => {
  const reply = aPage(["Cache-Control", "max-age=10, stale-while-revalidate=60", "ETag", '"1"']);

  async function stale(): Promise<CacheStage> {
    const stage = new CacheStage();
    await stage.ask("/a", {}, reply);
    stage.clock.advance(20_000);
    return stage;
  }

  test("many requests have it validated once, with the fields of the first, and count no attempts", async () => {
    const stage = await stale();
    const clients = await crowd(stage, 5, { fields: ["X-Own", "1"] });
    expect(clients.map(({ told }) => told)).toEqual(Array(5).fill("STALE page"));
    expect(stage.upstream).toHaveLength(2);
    expect([stage.last.field("x-own"), stage.last.field("if-none-match")]).toEqual(["1", '"1"']);
    expect(stage.last.request.attempts).not.toBe(clients[0]?.exchange.record.attempts);
    stage.last.reply(200, FRESH);
    await settle();
    stage.last.body?.push("new");
    stage.last.body?.end();
    await settle();
    expect((await stage.ask("/a")).told).toBe("HIT new");
    expect(stage.refreshes.counts).toMatchObject({ replaced: 1, failed: 0 });
  });

  test.each<[string, (stage: CacheStage) => void]>([
    ["refreshed", ({ last }) => void last.reply(304, ["ETag", '"1"'])],
    ["unstored", ({ last }) => void last.reply(200, ["Cache-Control", "no-store"], "own")],
    ["failed", ({ last }) => void last.fail(new Error("no backend"))],
  ])("one that ends as %s is counted so", async (outcome, end) => {
    const stage = await stale();
    await crowd(stage, 3);
    end(stage);
    await settle();
    const none = { refreshed: 0, replaced: 0, elsewhere: 0, unstored: 0, failed: 0 };
    expect(stage.refreshes.counts).toEqual({ ...none, [outcome]: 1 });
  });

  test("a revalidation that fails is tried again by the next request, and told to nobody", async () => {
    const stage = await stale();
    await crowd(stage, 1);
    stage.last.fail(new Error("no backend"));
    await settle();
    const [next] = await crowd(stage, 1);
    expect(next?.told).toBe("STALE page");
    expect(stage.upstream).toHaveLength(3);
    stage.last.fail(new Error("no backend"));
    await settle();
    expect(stage.store.pending).toBe(0);
  });
});

test("early hints reach all who wait at the time, and none of the background", async () => {
  const stage = new CacheStage();
  const heard: string[] = [];
  const clients = await crowd(stage, 2);
  clients.forEach(({ exchange }, index) => {
    exchange.interim.informational = (status) => void heard.push(`${index}: ${status}`);
  });
  stage.last.request.interim?.informational(103, ["Link", "</a>"]);
  expect(heard).toEqual(["0: 103", "1: 103"]);
  stage.last.reply(200, ["Cache-Control", "max-age=10, stale-while-revalidate=60"], "page");
  await Promise.all(clients.map(({ done }) => done));
  stage.clock.advance(20_000);
  await crowd(stage, 1);
  stage.last.request.interim?.informational(103, []);
  expect(heard).toHaveLength(2);
  stage.last.fail(new Error("over"));
});
