import { writeFileSync } from "node:fs";
import { Agent } from "node:http";
import { testConfig } from "./support/gateway.ts";
import { ask } from "./support/http-client.ts";
import { logLines, tells } from "./support/log.ts";
import { type Pools, saying, startPools } from "./support/pools.ts";
import { eventually, RawClient } from "./support/raw-client.ts";
import { metric } from "./support/watching.ts";

type Name = "stable" | "canary" | "main";

const sides = [
  { pool: "stable", weight: 80 },
  { pool: "canary", weight: 20 },
];

const routes = [
  { path: "/draw", split: sides, assign: false as const, auth: "none" as const },
  { path: "/user", split: sides, assign: { by: "header" as const, name: "X-User" }, auth: "none" as const },
  { path: "/plain", pool: "main", auth: "none" as const },
  { path: "/", split: sides, assign: { cookie: "hg_split", lifetime: "1h" }, auth: "none" as const },
];

/** 2000 × 20 %, and five standard deviations to each side. */
const [LEAST, MOST] = [310, 490];

let here: Pools<Name>;
let agent: Agent;

beforeAll(async () => {
  here = await startPools<Name>(
    { stable: saying("stable"), canary: saying("canary"), main: saying("main") },
    { routes, cache: {} },
  );
  agent = new Agent({ keepAlive: true, maxSockets: 20 });
});
afterAll(async () => {
  agent.destroy();
  await here.stop();
});

/** How many of 2000 requests each pool answered. */
async function spread(
  path: (index: number) => string,
  headers: (index: number) => Record<string, string> = () => ({}),
) {
  const counts: Record<string, number> = {};
  const ofOne = async (index: number): Promise<void> => {
    const { text } = await ask(here.url(path(index)), { agent, headers: headers(index) });
    counts[text] = (counts[text] ?? 0) + 1;
  };
  await Promise.all(Array.from({ length: 2000 }, (_, index) => ofOne(index)));
  return counts;
}

function expectShares({ stable = 0, canary = 0 }: Record<string, number>): void {
  expect(stable + canary).toBe(2000);
  expect(canary).toBeGreaterThan(LEAST);
  expect(canary).toBeLessThan(MOST);
}

/** A client that keeps its cookie; what it is answered. */
class Browser {
  cookie = "";

  async visit(path: string): Promise<string> {
    const headers = this.cookie === "" ? {} : { Cookie: `own=1; ${this.cookie}` };
    const answer = await ask(here.url(path), { agent, headers });
    const [set] = answer.headers["set-cookie"] ?? [];
    if (set !== undefined) this.cookie = set.split(";", 1)[0] ?? "";
    return answer.text;
  }
}

/** A client on each side. */
async function browsers(): Promise<Record<"stable" | "canary", Browser>> {
  const found = new Map<string, Browser>();
  for (let tries = 0; found.size < 2; tries++) {
    if (tries > 500) throw new Error("500 clients all came to one side");
    const browser = new Browser();
    found.set(await browser.visit("/welcome"), browser);
  }
  return Object.fromEntries(found) as Record<"stable" | "canary", Browser>;
}

test("requests are drawn by weight", async () => {
  expectShares(await spread((index) => `/draw?i=${index}`));
});

test("clients are assigned by weight, each told by a cookie", async () => {
  expectShares(await spread((index) => `/first?i=${index}`));
  const answer = await ask(here.url("/first?cookie"));
  expect(answer.headers["set-cookie"]).toEqual([
    expect.stringMatching(/^hg_split=[\w-]{22}; Path=\/; Max-Age=3600; HttpOnly; SameSite=Lax$/),
  ]);
});

test("a client keeps its side over 50 requests, and its cookie is no backend's concern", async () => {
  const clients = await browsers();
  for (const name of ["stable", "canary"] as const) {
    const answers = [];
    for (let i = 0; i < 50; i++) answers.push(await clients[name].visit(`/kept/${name}?i=${i}`));
    expect(new Set(answers)).toEqual(new Set([name]));
    const seen = here.backends[name].requests.filter(({ url }) => url.startsWith(`/kept/${name}`));
    expect(seen.map(({ headers }) => headers.cookie)).toEqual(Array.from({ length: 50 }, () => "own=1"));
  }
});

test("by a header the same user is on the same side without any cookie", async () => {
  const user = (index: number): Record<string, string> => ({ "X-User": `user-${index}` });
  const counts = await spread((index) => `/user?i=${index}`, user);
  expectShares(counts);
  expect(await spread((index) => `/user?again=${index}`, user)).toEqual(counts);
  const answer = await ask(here.url("/user"), { headers: user(1) });
  expect(answer.headers["set-cookie"]).toBeUndefined();
});

test("a stored response is served to the clients of its own pool alone, and a hit assigns too", async () => {
  const { stable, canary } = await browsers();
  for (let i = 0; i < 3; i++) {
    expect([await stable.visit("/page?store"), await canary.visit("/page?store")]).toEqual(["stable", "canary"]);
  }
  const urls = [here.backends.stable, here.backends.canary].map((backend) => backend.seen("/page?store").length);
  expect(urls).toEqual([1, 1]);
  const answer = await ask(here.url("/page?store"));
  expect([answer.headers["x-cache"], answer.headers["set-cookie"]?.length]).toEqual(["HIT", 1]);
});

test("an upgrade goes to the client's side", async () => {
  const clients = await browsers();
  for (const name of ["stable", "canary"] as const) {
    const before = here.backends[name].requests.length;
    const client = await RawClient.open(here.gateway.http);
    const upgrade =
      "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    client.send(`GET /upgrade HTTP/1.1\r\nHost: a\r\nCookie: ${clients[name].cookie}\r\n${upgrade}\r\n`);
    // The backend takes no upgrade: it answers as to any GET.
    const { body } = await client.readResponse();
    client.socket.destroy();
    expect([body, here.backends[name].requests.length - before]).toEqual([name, 1]);
  }
});

test("log and metrics tell the pool, and why it was chosen", async () => {
  const { canary } = await browsers();
  await canary.visit("/told");
  const told = (): string | undefined => logLines(here.gateway).find((line) => line.includes('"path":"/told"'));
  await eventually(() => told() !== undefined, "the request is logged");
  expect(JSON.parse(told() ?? "{}")).toMatchObject({ pool: "canary", poolWhy: "cookie" });
  const { admin } = here.gateway;
  for (const reason of ["cookie", "draw-new"])
    expect(await metric(admin, "headgate_assignments_total", { route: "/", pool: "canary", reason })).toBeGreaterThan(
      0,
    );
  expect(await metric(admin, "headgate_assignments_total", { route: "/user", reason: "hash" })).toBeGreaterThan(3999);
  expect(await metric(admin, "headgate_assignments_total", { route: "/plain" })).toBe(0);
});

test("a pool that loses its weight gives its clients away, and the others stay", async () => {
  const { stable, canary } = await browsers();
  const { gateway, backends } = here;
  const pools = Object.fromEntries(
    Object.entries(backends).map(([name, { id }]) => [name, { backends: [`http://${id}`], health: false }]),
  );
  const split = [
    { pool: "stable", weight: 80 },
    { pool: "canary", weight: 0 },
  ];
  const changed = routes.map((route) => (route.path === "/" ? { ...route, split } : route));
  writeFileSync(gateway.configFile, JSON.stringify({ ...testConfig([]), pools, cache: {}, routes: changed }));
  await tells(gateway, "config reloaded");
  const cookies = [stable.cookie, canary.cookie];
  expect([await stable.visit("/moved"), await canary.visit("/moved")]).toEqual(["stable", "stable"]);
  expect([stable.cookie === cookies[0], canary.cookie === cookies[1], canary.cookie === stable.cookie]).toEqual([
    true,
    false,
    true,
  ]);
});
