import type { Backend, BackendId } from "@headgate/balancer";
import type { ConfigInput } from "../src/config/schema.ts";
import type { ManagedPool } from "../src/control/managed-pool.ts";
import { Bench, EPOCH, snapshot } from "./control-support.ts";

const backends = ["http://10.0.0.1", "http://10.0.0.2"];
const a = "10.0.0.1:80" as BackendId;

async function settled(pool: object = {}): Promise<{ bench: Bench; pool: ManagedPool; backend: Backend }> {
  const bench = new Bench();
  const input: ConfigInput = { pools: { default: { backends, sticky: {}, drain: "10s", ...pool } } };
  bench.apply(snapshot(input));
  await bench.pass(0);
  const managed = bench.registry.get("default");
  const backend = managed.balancer.get(a);
  if (backend === undefined) throw new Error("no backend");
  return { bench, pool: managed, backend };
}

/** Whether a client's session at the backend still stands. */
function keepsSession({ rules }: ManagedPool): boolean {
  const cookie = rules.sessions?.pin(a, "http").split(";", 1)[0] ?? "";
  // Asking for a cookie makes its token known: the session of one that was there before is what counts.
  return rules.sessions?.take(["Cookie", cookie]).pinned === a;
}

test("a drain keeps sessions and what runs until its time is over, then ends both", async () => {
  const { bench, pool, backend } = await settled();
  const cookie = pool.rules.sessions?.pin(a, "http").split(";", 1)[0] ?? "";
  const pinned = (): BackendId | undefined => pool.rules.sessions?.take(["Cookie", cookie]).pinned;
  const [connections] = bench.connections;
  if (connections !== undefined) connections.busy = true;
  backend.active = 1;
  pool.setDraining(backend, true);
  expect(pool.statusOf(backend)).toMatchObject({ draining: true, drainUntil: EPOCH + 10_000 });
  await bench.pass(9999);
  expect([pinned(), connections?.state]).toEqual([a, "open"]);
  await bench.pass(2);
  expect([pinned(), connections?.state]).toEqual([undefined, "destroyed"]);
  expect(bench.states()[0]).toBe(`${a} HEALTHY DRAINING`);
  expect(pool.connectionsOf(backend)).toBe(bench.connections[2]);
});

test("one that ends before its time leaves all as it was", async () => {
  const { bench, pool, backend } = await settled();
  pool.setDraining(backend, true, 1000);
  await bench.pass(500);
  pool.setDraining(backend, false);
  await bench.pass(5000);
  expect(pool.statusOf(backend)).toMatchObject({ draining: false, drainUntil: null });
  expect([keepsSession(pool), bench.connections.map(({ state }) => state)]).toEqual([true, ["open", "open"]]);
});

test("asked for again it has another end, and nothing that runs is not broken off", async () => {
  const { bench, pool, backend } = await settled();
  pool.setDraining(backend, true, 1000);
  pool.setDraining(backend, true, 5000);
  await bench.pass(2000);
  expect(pool.statusOf(backend).drainUntil).toBe(EPOCH + 5000);
  await bench.pass(4000);
  expect(bench.connections.map(({ state }) => state)).toEqual(["open", "open"]);
});

test("a backend that leaves while it drains, or a pool that stops, has no timer left", async () => {
  const { bench, pool, backend } = await settled({ health: false, outlier: false });
  pool.setDraining(backend, true);
  pool.remove(a);
  await bench.pass(0);
  expect(bench.scheduler.pending).toBe(0);
  const other = pool.balancer.backends[0];
  if (other !== undefined) pool.setDraining(other, true);
  pool.stopChecks();
  expect(bench.scheduler.pending).toBe(0);
});

describe("an agent", () => {
  const agent = { health: { agentPort: 9000, interval: "1s" }, balancing: "load-aware" };

  test("drains its backend and ends that again, but not a drain of the admin's", async () => {
    const { bench, pool, backend } = await settled(agent);
    bench.agents.set("10.0.0.1:9000", "drain");
    await bench.pass(1200);
    expect(bench.states()).toEqual([`${a} HEALTHY DRAINING`, "10.0.0.2:80 HEALTHY"]);
    bench.agents.set("10.0.0.1:9000", "ready");
    await bench.pass(1200);
    expect(bench.states()[0]).toBe(`${a} HEALTHY`);
    pool.setDraining(backend, true);
    await bench.pass(1200);
    expect(bench.states()[0]).toBe(`${a} HEALTHY DRAINING`);
  });

  test("finds fault where the check finds none, with its reason", async () => {
    const { bench } = await settled({ ...agent, health: { agentPort: 9000, failures: 1 } });
    bench.agents.set("10.0.0.1:9000", "down#disk full");
    await bench.pass(1200);
    expect(bench.states()[0]).toBe(`${a} UNREACHABLE`);
    expect(bench.events.at(-1)).toMatchObject({ reason: "agent: down (disk full)" });
    bench.agents.set("10.0.0.1:9000", "up");
    await bench.pass(1200);
    bench.agents.set("10.0.0.1:9000", "maint");
    await bench.pass(1200);
    expect(bench.events.at(-1)).toMatchObject({ reason: "agent: maint" });
  });

  test("tells a share of the weight, which stands beside what the check's body tells", async () => {
    const { bench, backend } = await settled(agent);
    bench.agents.set("10.0.0.1:9000", "50%");
    bench.bodies.set("http://10.0.0.1", '{"status":"ok","load":{"cpu":0.25,"memory":0.5}}');
    await bench.pass(1200);
    expect(backend.load?.report).toEqual({ weightFactor: 0.5, cpu: 0.25, memory: 0.5 });
    expect(bench.registry.get("default").statusOf(backend).load).toEqual(backend.load?.report);
  });

  test("that says nothing, or nonsense, changes nothing", async () => {
    const { bench } = await settled(agent);
    bench.agents.set("10.0.0.2:9000", "hello?");
    await bench.pass(5000);
    expect(bench.states()).toEqual([`${a} HEALTHY`, "10.0.0.2:80 HEALTHY"]);
  });
});

test("load is not read where nothing goes by it", async () => {
  const { bench, backend } = await settled();
  bench.bodies.set("http://10.0.0.1", '{"load":{"cpu":0.25}}');
  await bench.pass(2000);
  expect(backend.load).toBeNull();
});

test.each<[object, object]>([
  [{}, { url: "http://10.0.0.1", type: "http", fields: {}, path: "/health", expected: { status: [[200, 299]] } }],
  [{ type: "tcp" }, { url: "http://10.0.0.1", type: "tcp" }],
  [
    { type: "tcp", port: 5432 },
    { url: "http://10.0.0.1:5432", type: "tcp" },
  ],
  [{ type: "https" }, { url: "https://10.0.0.1:80", type: "http" }],
  [{ port: 81 }, { url: "http://10.0.0.1:81" }],
  [{ host: "api", headers: { "X-Check": "1" } }, { fields: { Host: "api", "X-Check": "1" } }],
  [
    { status: [200, "3xx"], body: "ok" },
    {
      expected: {
        status: [
          [200, 200],
          [300, 399],
        ],
        body: "ok",
      },
    },
  ],
  [{ body: { pattern: "^ok" } }, { expected: { body: expect.objectContaining({ source: "^ok", flags: "u" }) } }],
])("a check %j asks so", async (health, asked) => {
  const { bench } = await settled({ health });
  expect(bench.asked[0]).toMatchObject(asked);
});
