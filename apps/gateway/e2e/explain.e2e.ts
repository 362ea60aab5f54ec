import type { Explanation } from "../src/explain/explanation.ts";
import { readBackends } from "./support/backends-api.ts";
import { type Ended, headgate } from "./support/command.ts";
import { type RunningGateway, startGateway } from "./support/gateway.ts";
import { ask } from "./support/http-client.ts";
import { eventually } from "./support/raw-client.ts";
import { SampleBackend } from "./support/sample-backend.ts";

const KEY = "test-api-key-123";
const WITH_KEY = { "X-API-Key": KEY };

let backends: SampleBackend[];
let gateway: RunningGateway;
beforeAll(async () => {
  backends = await Promise.all([1, 2, 3, 4].map(() => SampleBackend.start()));
  // All else is as by default: a key is needed, answers are cached, backends are checked.
  gateway = await startGateway({
    listeners: [{ port: 0, host: "127.0.0.1" }],
    admin: { port: 0 },
    pools: { default: { backends: backends.map(({ port }) => `http://127.0.0.1:${port}`) } },
  });
  await eventually(async () => (await states()).every((state) => state === "HEALTHY"), "all backends are HEALTHY");
});
afterAll(async () => {
  await gateway.stop();
  await Promise.all(backends.map((backend) => backend.kill()));
});

const states = async (): Promise<string[]> => (await readBackends(gateway.admin)).map(({ state }) => state);

const url = (path: string): string => `http://127.0.0.1:${gateway.http}${path}`;

const get = (path: string) => ask(url(path), { headers: WITH_KEY });

async function explain(method: string, path: string, headers: object = WITH_KEY): Promise<Explanation> {
  const { status, text } = await ask(`${gateway.admin}/api/explain`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ method, url: path, headers }),
  });
  if (status !== 200) throw new Error(text);
  return JSON.parse(text) as Explanation;
}

const run = (...args: string[]): Promise<Ended> => headgate(["explain", ...args, "--admin", gateway.admin]);

function backendOf({ upstream }: Explanation, id: string) {
  return upstream?.backends.find((backend) => backend.id === id);
}

test("a path is asked of the gateway's own listener", async () => {
  expect((await explain("GET", "/a?b=1#c")).request.url).toBe(`http://localhost:${gateway.http}/a?b=1`);
});

test("a first GET: a miss, what would be stored, and the backend that then has it", async () => {
  const told = await explain("GET", url("/fresh"));
  expect(told).toMatchObject({
    verdict: { kind: "forwarded", pool: "default" },
    route: { path: "/", auth: "api-key" },
    identity: { name: "dev" },
    cache: {
      result: "MISS",
      reason: "uri-miss",
      key: { url: url("/fresh"), parts: [] },
      storing: { kind: "store", ttl: 300_000, identity: "dev" },
    },
    upstream: { balancing: { policy: "round-robin" }, retries: { count: 2, when: "idempotent", budgetLeft: 100 } },
  });
  const { headers } = await get("/fresh");
  expect(told.verdict).toMatchObject({ backend: headers["x-backend-server"] });
});

test("then: a hit, with the time that is left, and of whom it is", async () => {
  const { headers } = await get("/kept");
  const told = await explain("GET", url("/kept"));
  expect(told).toMatchObject({
    verdict: { kind: "answered", by: "cache", status: 200 },
    cache: { result: "HIT", entry: { backend: headers["x-backend-server"], identity: "dev" }, storing: null },
  });
  expect(told.cache?.entry?.ttl).toBeGreaterThan(200_000);
  expect(told.cache?.entry?.ttl).toBeLessThanOrEqual(300_000);
});

test("without a key, or with a wrong one: 401, and the key is not told", async () => {
  expect(await explain("GET", url("/kept"), {})).toMatchObject({
    verdict: { kind: "refused", by: "authenticate", status: 401, code: "missing-credential" },
    identity: null,
    cache: null,
    upstream: null,
  });
  const wrong = await explain("GET", url("/kept"), { "X-API-Key": "a-wrong-secret" });
  expect(wrong.verdict).toMatchObject({ status: 401, code: "invalid-credential" });
  expect(JSON.stringify(wrong)).not.toContain("a-wrong-secret");
  expect(JSON.stringify(await explain("GET", url("/kept")))).not.toContain(KEY);
});

test("a POST goes past the cache, takes what is stored for the URL away, and is repeated only while unsent", async () => {
  await get("/kept");
  expect(await explain("POST", url("/kept"), { ...WITH_KEY, "Content-Length": "20" })).toMatchObject({
    verdict: { kind: "forwarded" },
    cache: { result: "BYPASS", reason: "method", invalidates: [url("/kept")] },
    upstream: { retries: { when: "unsent", bodyUpTo: 1024 * 1024 } },
  });
  expect((await get("/kept")).headers["x-cache"]).toBe("HIT");
});

test("what the limits refuse", async () => {
  const tooMuch = await explain("POST", "/", { ...WITH_KEY, "Content-Length": String(11 * 1024 * 1024) });
  expect(tooMuch.verdict).toMatchObject({ by: "admit", status: 413 });
  const tooLong = await explain("GET", "/", { ...WITH_KEY, "X-Long": "x".repeat(17 * 1024) });
  expect(tooLong.verdict).toMatchObject({ by: "listener", status: 431 });
});

test("explaining changes nothing: no turn, no count, no place in the cache", async () => {
  const statsOf = async (): Promise<unknown> => JSON.parse((await ask(`${gateway.admin}/api/cache`)).text);
  const counts = async (): Promise<string[]> => {
    const { text } = await ask(`${gateway.admin}/metrics`);
    return text.split("\n").filter((line) => /^headgate_(?:requests|attempts|cache|retr|backend_active)/.test(line));
  };
  const turns = (from: number): Promise<(string | string[] | undefined)[]> =>
    [0, 1, 2, 3].reduce<Promise<(string | string[] | undefined)[]>>(
      async (before, step) => [...(await before), (await get(`/turn/${from + step}`)).headers["x-backend-server"]],
      Promise.resolve([]),
    );
  const first = await turns(0);
  const before = [await statsOf(), await counts()];
  for (let asked = 0; asked < 25; asked++) {
    await explain("GET", url("/never"));
    await explain("GET", url("/turn/0"));
    await explain("POST", url("/turn/0"));
    await explain("GET", url("/never"), {});
  }
  expect([await statsOf(), await counts()]).toEqual(before);
  expect(await turns(4)).toEqual(first);
});

describe("backends that would not get it", () => {
  test("a drained one", async () => {
    const id = backends[0]?.id ?? "";
    await headgate(["backends", "drain", id, "--deadline", "60s", "--admin", gateway.admin]);
    const told = backendOf(await explain("GET", "/"), id);
    expect(told).toMatchObject({ usable: false, reason: "draining", draining: true, odds: 0 });
    expect(told?.why).toMatch(/^it drains; what is left there is ended in (?:60|5\d) s$/);
    await headgate(["backends", "enable", id, "--admin", gateway.admin]);
    expect(backendOf(await explain("GET", "/"), id)).toMatchObject({ usable: true, reason: "candidate", why: null });
  });

  test("a dead one, and where all are dead, what the client gets", async () => {
    const [first, ...others] = backends;
    await first?.kill();
    const isDead = async () => (await states())[0] === "UNREACHABLE";
    await eventually(isDead, "the dead backend is found UNREACHABLE");
    const told = await explain("GET", "/");
    expect(backendOf(told, first?.id ?? "")).toMatchObject({
      state: "UNREACHABLE",
      usable: false,
      reason: "unreachable",
      why: expect.stringMatching(/^connection refused \(\d+ in a row\)$/),
    });
    expect(told.upstream?.backends.filter(({ usable }) => usable)).toHaveLength(3);
    await Promise.all(others.map((backend) => backend.kill()));
    await eventually(async () => (await states()).every((state) => state === "UNREACHABLE"), "all are UNREACHABLE");
    expect((await explain("GET", "/")).verdict).toMatchObject({
      by: "balance",
      status: 503,
      code: "no-healthy-backend",
    });
    const { stdout } = await run("GET", url("/"), "-H", `X-API-Key: ${KEY}`);
    expect(stdout).toMatch(
      /^Answer +503 no-healthy-backend, by balance\n +The pool default has no backend that is healthy\.$/m,
    );
    await Promise.all(backends.map((backend) => backend.start()));
    await eventually(async () => (await states()).every((state) => state === "HEALTHY"), "all are HEALTHY again");
  });
});

describe("headgate explain", () => {
  test("prints sections, then the pool's backends", async () => {
    await get("/printed");
    const { code, stdout, stderr } = await run("GET", url("/printed"), "-H", `X-API-Key: ${KEY}`);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(
      /^Request +GET http:\/\/127\.0\.0\.1:\d+\/printed, from 127\.0\.0\.1\nAnswer +200, by cache: no backend is asked$/m,
    );
    expect(stdout).toMatch(/^Identity +dev, by the key in X-API-Key\nCache +HIT\n +key /m);
    expect(stdout).toMatch(/^\| Backend +\| Status +\| Choice \| Active \|$/m);
    expect(stdout).not.toContain(KEY);
  });

  test("--json prints what the admin API answered, --config finds the admin listener", async () => {
    const { stdout } = await run("GET", "/printed", "-H", `X-API-Key: ${KEY}`, "--client", "192.0.2.7", "--json");
    expect(JSON.parse(stdout)).toMatchObject({ request: { client: "192.0.2.7" }, identity: { name: "dev" } });
    const { code, stderr } = await headgate(["explain", "GET", "/", "--config", gateway.configFile]);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(
        /^headgate: .+ lets the admin listener take any port: name it with --admin URL\.\n$/,
      ),
    });
  });

  test.each([
    [["GET", "printed"], 2, "Expected a path such as /test"],
    [["GET", "/", "-H", "X-API-Key"], 2, "Expected a name, a colon and a value"],
    [["G T", "/"], 1, '"G T" is no method'],
    [["GET", "/", "--client", "me"], 1, "client: expected an IP address"],
  ])("%j cannot be asked", async (args, code, words) => {
    const ended = await run(...args);
    expect({ code: ended.code, stdout: ended.stdout }).toEqual({ code, stdout: "" });
    expect(ended.stderr).toContain(words);
  });
});
