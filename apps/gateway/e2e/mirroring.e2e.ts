import { Agent } from "node:http";
import { type Answer, type AskOptions, ask } from "./support/http-client.ts";
import type { Answering } from "./support/plain-backend.ts";
import { type Pools, saying, startPools } from "./support/pools.ts";
import { closedPort } from "./support/raw-backend.ts";
import { eventually, exchange } from "./support/raw-client.ts";
import { settled, troubles } from "./support/stage.ts";
import { metric } from "./support/watching.ts";

const HANGS: Answering = () => new Promise(() => undefined);

const routes = [
  { path: "/tenth", pool: "main", auth: "none" as const, mirror: { pool: "shadow", share: "10%", limit: 1000 } },
  { path: "/", pool: "main", auth: "none" as const, mirror: { pool: "shadow", timeout: "1s", limit: 20 } },
];

let here: Pools<"main" | "shadow">;
let agent: Agent;
/** What the shadow does; a test sets it. */
let shadow: Answering = saying("shadow");

beforeAll(async () => {
  here = await startPools(
    { main: saying("main"), shadow: (request, response) => shadow(request, response) },
    { routes, limits: { replay: "64KiB" } },
    // The shadow's own pool may hold back as any other, but not by luck of the test's faults.
    { outlier: { consecutiveFaults: false } },
  );
  agent = new Agent({ keepAlive: true });
});
afterEach(() => {
  shadow = saying("shadow");
});
afterAll(async () => {
  agent.destroy();
  await settled(here.gateway);
  await here.stop();
  expect(troubles(here.gateway)).toEqual([]);
});

const send = (path: string, options: AskOptions = {}): Promise<Answer> => ask(here.url(path), { agent, ...options });
const copies = (outcome: string): Promise<number> =>
  metric(here.gateway.admin, "headgate_mirrored_total", { pool: "shadow", outcome });

/** How many more copies have ended so than when this was made. */
async function counter(outcome: string): Promise<(more: number) => Promise<void>> {
  const before = await copies(outcome);
  return (more) => eventually(async () => (await copies(outcome)) - before === more, `${more} more end as ${outcome}`);
}

/** Latencies of so many requests one after the other, all of which the primary must answer; ms. */
async function latencies(path: string, count: number): Promise<number[]> {
  const taken: number[] = [];
  for (let i = 0; i < count; i++) {
    const began = performance.now();
    const answer = await send(`${path}?i=${i}`);
    taken.push(performance.now() - began);
    expect([answer.status, answer.text]).toEqual([200, "main"]);
  }
  return taken.sort((a, b) => a - b);
}

const median = (sorted: readonly number[]): number => sorted[sorted.length >> 1] ?? 0;

test("the copy is the request: method, target, host, fields, id and content", async () => {
  const headers = { Host: "shop.example", "X-Own": "1", "Content-Type": "text/plain" };
  const answer = await send("/copied?q=1", { method: "POST", headers, body: "content" });
  expect(answer.text).toBe("main");
  await eventually(() => here.backends.shadow.seen("/copied?q=1").length === 1, "the copy has come");
  const [copy] = here.backends.shadow.seen("/copied?q=1");
  const [own] = here.backends.main.seen("/copied?q=1");
  expect(copy).toEqual(own);
  expect(copy).toMatchObject({ method: "POST", body: "content" });
  expect(copy?.headers).toMatchObject({
    host: "shop.example",
    "x-own": "1",
    "x-request-id": answer.headers["x-request-id"],
  });
});

test("a share of the requests is copied", async () => {
  await Promise.all(Array.from({ length: 2000 }, (_, index) => ask(here.url(`/tenth?i=${index}`), { agent: pooled })));
  const seen = (): number => here.backends.shadow.requests.filter(({ url }) => url.startsWith("/tenth")).length;
  await settled(here.gateway);
  // 2000 × 10 %, and five standard deviations to each side.
  expect(seen()).toBeGreaterThan(130);
  expect(seen()).toBeLessThan(270);
});

const pooled = new Agent({ keepAlive: true, maxSockets: 20 });
afterAll(() => pooled.destroy());

test("what the cache answers is not copied", async () => {
  for (let i = 0; i < 5; i++) expect((await send("/page?store")).text).toBe("main");
  await settled(here.gateway);
  expect([here.backends.main, here.backends.shadow].map((backend) => backend.seen("/page?store").length)).toEqual([
    1, 1,
  ]);
});

test.each<[string, Answering, string]>([
  ["answers 500", (_request, response) => void response.writeHead(500).end("broken"), "5xx"],
  [
    "breaks off before its head",
    () => {
      throw new Error("the connection ends");
    },
    "reset",
  ],
  [
    "breaks off within its body",
    (_request, response) => {
      response.writeHead(200, { "Content-Length": 100 }).write("a");
      setTimeout(() => response.destroy(), 20);
    },
    "reset",
  ],
  ["hangs", HANGS, "timeout"],
  ["hangs within its body", (_request, response) => void response.writeHead(200).write("a"), "timeout"],
])("a shadow that %s changes nothing for the client", async (_name, answering, outcome) => {
  const fine = await counter("2xx");
  const usual = median(await latencies("/usual", 10));
  // A copy that is still on its way would meet the fault too.
  await fine(10);
  shadow = answering;
  const counted = await counter(outcome);
  const taken = await latencies("/faulty", 10);
  // Far below the second for which a copy may hang.
  expect(median(taken)).toBeLessThan(usual + 100);
  await counted(10);
});

test("a shadow that is slow is not waited for", async () => {
  shadow = (_request, response) => void setTimeout(() => response.end("late"), 500);
  const counted = await counter("2xx");
  expect(median(await latencies("/slow", 10))).toBeLessThan(250);
  await counted(10);
});

test("over the limit nothing is copied, and that is counted", async () => {
  shadow = HANGS;
  const [busy, timedOut] = [await counter("busy"), await counter("timeout")];
  const answers = await Promise.all(Array.from({ length: 50 }, (_, index) => send(`/many?i=${index}`)));
  expect(answers.map(({ text }) => text)).toEqual(answers.map(() => "main"));
  await timedOut(20);
  await busy(30);
});

test("content without a length, or above what is held, goes to the primary alone", async () => {
  const counted = await counter("body");
  const head = "POST /chunked HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  expect((await exchange(here.gateway.http, `${head}3\r\nabc\r\n0\r\n\r\n`)).body).toBe("main");
  expect((await send("/large", { method: "POST", body: Buffer.alloc(100 * 1024, "x") })).text).toBe("main");
  await counted(2);
  const { main, shadow: other } = here.backends;
  expect([main.seen("/chunked")[0]?.body, main.seen("/large")[0]?.body.length]).toEqual(["abc", 100 * 1024]);
  expect([...other.seen("/chunked"), ...other.seen("/large")]).toEqual([]);
});

test("a client that leaves ends its own request, not the copy", async () => {
  const left = new AbortController();
  let answer: () => void = () => undefined;
  shadow = (_request, response) => {
    answer = () => response.end("late");
  };
  const counted = await counter("2xx");
  const asked = send("/left", { signal: left.signal }).catch(() => undefined);
  await eventually(() => here.backends.shadow.seen("/left").length === 1, "the copy has come");
  left.abort();
  await asked;
  answer();
  await counted(1);
});

test("a shadow that is not there costs nothing, and the gateway stops at once with copies under way", async () => {
  const gone = await closedPort();
  const stage = await startPools(
    { main: saying("main"), hanging: HANGS },
    {
      routes: [
        { path: "/gone", pool: "main", auth: "none", mirror: { pool: "gone" } },
        { path: "/", pool: "main", auth: "none", mirror: { pool: "hanging", timeout: "1m" } },
      ],
      shutdown: { grace: "30s" },
    },
    {},
    { gone: { backends: [`http://127.0.0.1:${gone}`], health: false } },
  );
  const { admin } = stage.gateway;
  for (let i = 0; i < 5; i++) expect((await ask(stage.url(`/gone?i=${i}`))).text).toBe("main");
  const all = (): Promise<number> => metric(admin, "headgate_mirrored_total", { pool: "gone" });
  await eventually(async () => (await all()) === 5, "five copies came to nothing");
  expect((await ask(stage.url("/stuck"))).text).toBe("main");
  await eventually(() => stage.backends.hanging.seen("/stuck").length === 1, "the copy has come");
  const began = performance.now();
  await stage.stop();
  expect(performance.now() - began).toBeLessThan(10_000);
  expect(troubles(stage.gateway)).toEqual([]);
});
