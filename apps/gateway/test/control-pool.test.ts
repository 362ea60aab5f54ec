import type { BackendId } from "@headgate/balancer";
import { Bench, EPOCH, snapshot, withBackends } from "./control-support.ts";

const A = "http://10.0.0.1:80";
const B = "http://10.0.0.2:80";
const a = "10.0.0.1:80" as BackendId;
const b = "10.0.0.2:80" as BackendId;

async function settled(...backends: string[]): Promise<Bench> {
  const bench = new Bench();
  bench.apply(withBackends(...backends));
  await bench.pass(0);
  return bench;
}

describe("checks", () => {
  test("begin at once; a backend is usable from its first good one", async () => {
    const bench = new Bench();
    bench.apply(snapshot({ pools: { default: { backends: [A], health: { path: "/up?deep=1" } } } }));
    expect(bench.states()).toEqual([`${a} NOT_INITIATED`]);
    expect(bench.choices(1)).toEqual(["pending"]);
    expect(bench.asked).toEqual([
      {
        ...{ url: "http://10.0.0.1", type: "http", path: "/up?deep=1", fields: {}, expected: { status: [[200, 299]] } },
        ...{ tls: { verify: true }, onBody: null },
      },
    ]);
    await bench.pass(0);
    expect(bench.states()).toEqual([`${a} HEALTHY`]);
    expect(bench.choices(1)).toEqual([a]);
  });

  test("a backend is UNREACHABLE after the threshold and back within two intervals, each told with its reason", async () => {
    const bench = await settled(A, B);
    bench.answers.set("http://10.0.0.1", "status 503");
    await bench.pass(2000);
    expect(bench.states()[0]).toBe(`${a} HEALTHY`);
    await bench.pass(1200);
    expect(bench.states()).toEqual([`${a} UNREACHABLE`, `${b} HEALTHY`]);
    expect(bench.choices(2)).toEqual([b, b]);
    bench.answers.clear();
    await bench.pass(2000);
    expect(new Set(bench.choices(2))).toEqual(new Set([a, b]));
    expect(bench.events.filter(({ backend }) => backend === a)).toEqual([
      { pool: "default", backend: a, kind: "state", from: "NOT_INITIATED", to: "HEALTHY", reason: "status 200" },
      {
        pool: "default",
        backend: a,
        kind: "state",
        from: "HEALTHY",
        to: "UNREACHABLE",
        reason: "status 503 (3 in a row)",
      },
      { pool: "default", backend: a, kind: "state", from: "UNREACHABLE", to: "HEALTHY", reason: "status 200" },
    ]);
  });

  test("a status tells times by the wall clock, and keeps the last twenty checks", async () => {
    const bench = await settled(A);
    await bench.pass(30_000);
    bench.answers.set("http://10.0.0.1", "connection refused");
    await bench.pass(1000);
    const [status] = bench.registry.get("default").status().backends;
    expect(status).toMatchObject({
      url: "http://10.0.0.1",
      pool: "default",
      failures: 1,
      active: 0,
      weight: 1,
      origin: "config",
    });
    expect(status?.probes).toHaveLength(20);
    const last = status?.probes.at(-1);
    expect(last).toMatchObject({ ok: false, reason: "connection refused" });
    expect(last?.at).toBeGreaterThanOrEqual(EPOCH + 30_000);
    expect(status?.lastHealthy).toBe(status?.probes.at(-2)?.at);
  });

  test("health: false counts every backend as healthy and asks nobody", async () => {
    const bench = new Bench();
    bench.apply(snapshot({ pools: { default: { backends: [A, B], health: false } } }));
    expect(bench.states()).toEqual([`${a} HEALTHY`, `${b} HEALTHY`]);
    expect(bench.registry.get("default").health.settled).toBe(true);
    bench.registry.get("default").health.reportRefused(a);
    await bench.pass(10_000);
    expect(bench.choices(2)).toEqual([a, b]);
    expect(bench.asked).toEqual([]);
  });
});

test("what the checks found is still told when they have stopped", async () => {
  const bench = await settled(A);
  bench.answers.set("http://10.0.0.1", "status 500");
  await bench.pass(5000);
  await bench.registry.close();
  await bench.registry.close();
  expect(bench.states()).toEqual([`${a} UNREACHABLE`]);
  expect(bench.registry.get("default").status().backends[0]?.lastHealthy).toBe(EPOCH);
});

describe("a refused connection", () => {
  test("puts the backend aside until its next good check, which comes soon", async () => {
    const bench = await settled(A, B);
    await bench.pass(500);
    bench.asked.length = 0;
    bench.answers.set("http://10.0.0.1", "connection refused");
    bench.registry.get("default").health.reportRefused(a);
    expect(bench.states()).toEqual([`${a} HEALTHY EJECTED`, `${b} HEALTHY`]);
    expect(bench.choices(2)).toEqual([b, b]);
    await bench.pass(0);
    expect(bench.asked.map(({ url }) => url)).toContain("http://10.0.0.1");
    expect(bench.states()[0]).toBe(`${a} HEALTHY EJECTED`);
    bench.answers.clear();
    await bench.pass(1200);
    expect(bench.states()[0]).toBe(`${a} HEALTHY`);
    const kinds = bench.events.filter(({ backend, kind }) => backend === a && kind !== "state").map(({ kind }) => kind);
    expect(kinds).toEqual(["ejected", "readmitted"]);
  });

  test("is told once, however many exchanges meet it", async () => {
    const bench = await settled(A, B);
    for (let i = 0; i < 10; i++) bench.registry.get("default").health.reportRefused(a);
    expect(bench.events.filter(({ kind }) => kind === "ejected")).toHaveLength(1);
  });
});

describe("whenSettled", () => {
  function waiting(bench: Bench): { done: boolean } {
    const seen = { done: false };
    void bench.registry
      .get("default")
      .health.whenSettled()
      .then(() => {
        seen.done = true;
      });
    return seen;
  }

  test("of a new pool resolves half a second after the first good check, though others are silent", async () => {
    const bench = new Bench();
    bench.answers.set("http://10.0.0.1", "silent");
    bench.apply(withBackends(A, B));
    const { health } = bench.registry.get("default");
    const wait = waiting(bench);
    expect(health.settled).toBe(false);
    await bench.pass(499);
    expect(wait.done).toBe(false);
    expect(health.gathering).toBe(true);
    await bench.pass(1);
    expect(wait.done).toBe(true);
    expect(health.settled).toBe(false);
    expect(health.gathering).toBe(false);
  });

  test("of a new pool resolves at once when every first check is in", async () => {
    const bench = new Bench();
    bench.answers.set("http://10.0.0.1", "connection refused");
    bench.apply(withBackends(A, B));
    const wait = waiting(bench);
    await bench.pass(0);
    expect(wait.done).toBe(true);
    expect(bench.registry.get("default").health.gathering).toBe(false);
    expect(bench.choices(2)).toEqual([b, b]);
  });

  test("a backend that joins later is not waited for while another serves", async () => {
    const bench = await settled(A);
    bench.answers.set("http://10.0.0.2", "silent");
    bench.registry.get("default").add(B, 1);
    const { health } = bench.registry.get("default");
    expect(health.gathering).toBe(false);
    await health.whenSettled();
    expect(bench.choices(2)).toEqual([a, a]);
  });

  test("resolves when every first check failed", async () => {
    const bench = new Bench();
    bench.answers.set("http://10.0.0.1", "connection refused").set("http://10.0.0.2", "silent");
    bench.apply(withBackends(A, B));
    const wait = waiting(bench);
    await bench.pass(900);
    expect(wait.done).toBe(false);
    await bench.pass(100);
    expect(wait.done).toBe(true);
    expect(bench.choices(1)).toEqual(["unavailable"]);
  });

  test("resolves when the silent one leaves, when checks are turned off, and when the pool stops", async () => {
    for (const end of [
      (bench: Bench) => bench.registry.get("default").remove(a),
      (bench: Bench) => bench.apply(snapshot({ pools: { default: { backends: [A], health: false } } })),
      (bench: Bench) => bench.registry.get("default").stopChecks(),
    ]) {
      const bench = new Bench();
      bench.answers.set("http://10.0.0.1", "silent");
      bench.apply(withBackends(A));
      const wait = waiting(bench);
      await bench.pass(10);
      expect(wait.done).toBe(false);
      end(bench);
      await bench.pass(0);
      expect(wait.done).toBe(true);
    }
  });

  test("resolves at once for a pool without backends, and for one that can serve", async () => {
    const empty = new Bench();
    empty.apply(withBackends());
    await empty.registry.get("default").health.whenSettled();
    const bench = await settled(A);
    await bench.registry.get("default").health.whenSettled();
  });
});
