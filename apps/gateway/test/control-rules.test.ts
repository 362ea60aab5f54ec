import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import type { BackendId, ChooseContext } from "@headgate/balancer";
import type { ConfigInput } from "../src/config/schema.ts";
import { keptSecret } from "../src/control/session-secret.ts";
import type { PoolRules } from "../src/upstream/upstream-pool.ts";
import { Bench, snapshot } from "./control-support.ts";

const backends = ["http://10.0.0.1", "http://10.0.0.2", "http://10.0.0.3", "http://10.0.0.4"];

const withPool = (pool: object): ConfigInput => ({ pools: { default: { backends, health: false, ...pool } } });

function benchOf(pool: object = {}): Bench {
  const bench = new Bench();
  bench.apply(snapshot(withPool(pool)));
  return bench;
}

const poolOf = (bench: Bench) => bench.registry.get("default");
const rulesOf = (pool: object): PoolRules => poolOf(benchOf(pool)).rules;
const context = (more: Partial<ChooseContext> = {}): ChooseContext => ({
  ...{ tried: null, now: 0, random: () => 0.5 },
  ...more,
});

test("a pool that asks for nothing has no rules to look at", () => {
  expect(rulesOf({})).toEqual({
    ...{
      hold: { bytes: 65_536, time: 250 },
      retryOn: undefined,
      retryStatuses: null,
      perTry: undefined,
      total: undefined,
    },
    ...{ hashKey: null, sessions: null, gate: null, latencies: null, readsLoad: false },
  });
});

test("what is retried", () => {
  expect(rulesOf({ retries: { on: [503, "520-522"] } })).toMatchObject({
    retryOn: undefined,
    retryStatuses: new Set([503, 520, 521, 522]),
  });
  expect(rulesOf({ retries: { on: ["refused", "4xx"] } }).retryOn).toEqual(new Set(["refused", "status"]));
  expect(rulesOf({ retries: { on: ["5xx"] } }).retryStatuses?.size).toBe(100);
  expect(poolOf(benchOf({ retries: { count: 5 } })).retries).toBe(5);
  const holds = [2, 0, { hold: "1KiB", holdTime: "1s" }, { hold: 0 }, { count: 0 }].map(
    (retries) => rulesOf({ retries }).hold,
  );
  expect(holds).toEqual([{ bytes: 65_536, time: 250 }, null, { bytes: 1024, time: 1000 }, null, null]);
});

test("the budget is the config's, and starts anew where that changes", () => {
  const bench = benchOf({ retries: { budget: "0%", reserve: 0 } });
  expect(poolOf(bench).budget.left(0)).toBe(0);
  const { budget } = poolOf(bench);
  bench.apply(snapshot(withPool({ retries: { budget: "0%", reserve: 0 }, hedging: true })));
  expect(poolOf(bench).budget).toBe(budget);
  bench.apply(snapshot(withPool({})));
  expect(poolOf(bench).budget.left(0)).toBe(100);
});

test.each<[object, string | undefined]>([
  [{ policy: "consistent-hash" }, "192.0.2.1"],
  [{ policy: "consistent-hash", on: "path", table: "maglev", bound: 1.25 }, "/x"],
  [{ policy: "consistent-hash", on: "header", name: "X-User" }, undefined],
])("the key of %j", (balancing, key) => {
  const request = { client: "192.0.2.1", path: "/x?y", fields: ["Host", "a"] };
  expect(rulesOf({ balancing }).hashKey?.(request as never)).toBe(key);
});

test("consistent hashing sends the same key to the same backend", () => {
  const { balancer } = poolOf(benchOf({ balancing: { policy: "consistent-hash", on: "path" } }));
  const chosen = ["a", "b", "c", "d", "e"].map((hashKey) => [1, 2, 3].map(() => chooseId(hashKey)));
  for (const ids of chosen) expect(new Set(ids).size).toBe(1);
  expect(new Set(chosen.flat()).size).toBeGreaterThan(1);

  function chooseId(hashKey: string): string {
    const choice = balancer.choose(context({ hashKey }));
    return choice.kind === "chosen" ? choice.backend.id : choice.reason;
  }
});

test("load-aware balancing reads reports", () => {
  expect(rulesOf({ balancing: "load-aware" }).readsLoad).toBe(true);
});

describe("limits", () => {
  test.each<[object, number | null]>([
    [{}, null],
    [{ limits: { requests: 3 } }, 3],
    [{ limits: { requests: 3, connections: 2 } }, 2],
    [{ concurrency: "aimd" }, 20],
    [{ concurrency: { algorithm: "gradient", initial: 30 } }, 30],
    [{ concurrency: { algorithm: "aimd", latency: "1s" }, limits: { requests: 7 } }, 7],
    [{ concurrency: { algorithm: "gradient", tolerance: 2, initial: 5 } }, 5],
  ])("%j is %p attempts in flight", (pool, limit) => {
    expect(poolOf(benchOf(pool)).status().limit).toBe(limit);
  });

  test("of each backend, unless it has its own", () => {
    const bench = new Bench();
    const [first, second] = backends;
    const list = [first ?? "", { url: second ?? "", limits: { requests: 5, connections: 9 } }];
    const limits = { perBackend: { requests: 2, connections: 1 } };
    bench.apply(snapshot(withPool({ backends: list, limits })));
    expect(poolOf(bench).balancer.backends.map(({ maxActive }) => maxActive)).toEqual([1, 5]);
    expect(bench.connections.map(({ options }) => options.connections)).toEqual([1, 9]);
    expect(poolOf(bench).rules.gate).not.toBeNull();
    bench.apply(snapshot(withPool({ backends: [first ?? "", second ?? ""], limits: {} })));
    expect(bench.connections.map(({ options, state }) => [options.connections, state])).toEqual([
      [1, "closed"],
      [9, "closed"],
      [null, "open"],
      [null, "open"],
    ]);
    expect(poolOf(bench).rules.gate).toBeNull();
  });

  test("a queue, a breaker and an adaptive limit survive a reload that leaves them as they are", () => {
    const bounds = { limits: { requests: 5 }, breaker: {}, concurrency: "aimd" };
    const bench = benchOf(bounds);
    const { gate } = poolOf(bench).rules;
    expect(poolOf(bench).status()).toMatchObject({ limit: 5, breaker: "closed", waiting: 0, active: 0, panic: false });
    bench.apply(snapshot(withPool({ ...bounds, retries: 1, hedging: true })));
    expect(poolOf(bench).rules.gate).toBe(gate);
    const { latencies } = poolOf(bench).rules;
    bench.apply(snapshot(withPool({ ...bounds, hedging: true, breaker: { minimum: 5 } })));
    expect(poolOf(bench).rules.gate).not.toBe(gate);
    expect(poolOf(bench).rules.latencies).toBe(latencies);
  });
});

test("priorities, zones, panic and slow start are the balancer's", async () => {
  const bench = new Bench();
  const [first, second, third, fourth] = backends.map((url) => ({ url }));
  const list = [{ ...first, zone: "b" }, { ...second, zone: "a" }, { ...third, priority: 1 }, fourth];
  bench.apply(snapshot({ pools: { default: { backends: list as never, zone: "a", slowStart: "10s", panic: "50%" } } }));
  await bench.pass(0);
  expect(bench.choices(3)).toEqual(["10.0.0.2:80", "10.0.0.2:80", "10.0.0.2:80"]);
  const status = poolOf(bench).status().backends;
  expect(status.map(({ priority, zone }) => [priority, zone])).toEqual([
    [0, "b"],
    [0, "a"],
    [1, null],
    [0, null],
  ]);
  for (const url of backends.slice(0, 3)) bench.answers.set(url, "status 500");
  await bench.pass(5000);
  expect(poolOf(bench).status().panic).toBe(true);
  bench.answers.clear();
  await bench.pass(5000);
  bench.choices(1);
  expect(poolOf(bench).balancer.get("10.0.0.1:80" as BackendId)?.ramp).not.toBeNull();
});

test("of a subset only so many get requests, by the gateway's name, and a reload takes another size or name over", async () => {
  const bench = new Bench();
  const used = (subset: unknown): string[] => {
    bench.apply(snapshot(withPool({ backends, subset })));
    return [...new Set(bench.choices(40))].sort();
  };
  bench.apply(snapshot(withPool({ backends })));
  await bench.pass(0);
  expect(used(false)).toHaveLength(4);
  const first = used({ size: 2, gateway: "gw-1" });
  expect(first).toHaveLength(2);
  expect(poolOf(bench).status().subset).toBe(2);
  expect(used({ size: 2, gateway: "gw-1" })).toEqual(first);
  const others = ["gw-2", "gw-3", "gw-4", "gw-5"].map((gateway) => used({ size: 2, gateway }).join());
  expect(others.some((other) => other !== first.join())).toBe(true);
  expect(used(2)).toEqual(used({ size: 2, gateway: hostname() }));
  expect(used(3)).toHaveLength(3);
  expect(used(false)).toHaveLength(4);
  expect(poolOf(bench).status().subset).toBeNull();
});

describe("sessions", () => {
  const cookieFor = ({ sessions }: PoolRules, id: string): string =>
    sessions?.pin(id as BackendId, "http").split(";", 1)[0] ?? "";

  test("are the config's in name and attributes", () => {
    const sticky = { cookie: "sid", lifetime: "1h", path: "/app", sameSite: "strict", secret: "0123456789abcdef" };
    expect(rulesOf({ sticky }).sessions?.pin("10.0.0.1:80" as BackendId, "https")).toMatch(
      /^sid=[\w-]{22}; Path=\/app; Max-Age=3600; HttpOnly; Secure; SameSite=Strict$/,
    );
  });

  test("stand over reloads and for gateways with the same secret, not with another", () => {
    const secret = "0123456789abcdef";
    const bench = benchOf({ sticky: { secret } });
    const cookie = cookieFor(poolOf(bench).rules, "10.0.0.1:80");
    bench.apply(snapshot(withPool({ sticky: { secret, lifetime: "1h" } })));
    const pinned = (rules: PoolRules) => rules.sessions?.take(["Cookie", cookie]).pinned;
    expect(pinned(poolOf(bench).rules)).toBe("10.0.0.1:80");
    expect(pinned(rulesOf({ sticky: { secret } }))).toBe("10.0.0.1:80");
    expect(pinned(rulesOf({ sticky: { secret: "another-secret-1" } }))).toBeUndefined();
    expect(pinned(rulesOf({ sticky: {} }))).toBeUndefined();
    bench.apply(snapshot(withPool({ backends: ["http://10.0.0.2"], sticky: { secret } })));
    expect(pinned(poolOf(bench).rules)).toBeUndefined();
    bench.apply(snapshot(withPool({})));
    expect(poolOf(bench).rules.sessions).toBeNull();
  });
});

describe("the secret of sessions without one in the config", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "headgate-secret-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const told: string[] = [];
  const warn = (text: string): unknown => told.push(text);

  test("is made when it is first asked for, kept for this user alone, and found again", () => {
    const state = join(folder, "state");
    const secret = keptSecret(state, warn);
    expect(() => statSync(state)).toThrow();
    expect(secret()).toMatch(/^[0-9a-f]{64}$/);
    expect(secret()).toBe(secret());
    expect(statSync(join(state, "session.key")).mode & 0o777).toBe(0o600);
    expect(keptSecret(state, warn)()).toBe(secret());
    expect(readFileSync(join(state, "session.key"), "utf8").trim()).toBe(secret());
    expect(told).toEqual([]);
  });

  test("ends with the process where it cannot be kept, which is told", () => {
    writeFileSync(join(folder, "file"), "");
    expect(keptSecret(join(folder, "file", "state"), warn)()).toMatch(/^[0-9a-f]{64}$/);
    writeFileSync(join(folder, "session.key"), "not a key");
    expect(keptSecret(folder, warn)()).toMatch(/^[0-9a-f]{64}$/);
    expect(told).toHaveLength(2);
    expect(told[0]).toContain("set stateDir to a folder that this user can write");
  });
});
