import type { BackendId } from "@headgate/balancer";
import type { ConfigInput } from "../src/config/schema.ts";
import { Bench, snapshot, withBackends } from "./control-support.ts";

const A = "http://10.0.0.1:80";
const B = "http://10.0.0.2:80";
const a = "10.0.0.1:80" as BackendId;
const b = "10.0.0.2:80" as BackendId;
const pool = (settings: NonNullable<ConfigInput["pools"]>[string]): ConfigInput => ({ pools: { default: settings } });

async function settled(input: ConfigInput): Promise<Bench> {
  const bench = new Bench();
  bench.apply(snapshot(input));
  await bench.pass(0);
  return bench;
}

test("backends that stay keep health, counts, connections and their turn; nothing is probed again", async () => {
  const bench = await settled(pool({ backends: [A, B] }));
  const managed = bench.registry.get("default");
  const kept = managed.balancer.get(a);
  const context = { tried: null, now: 0, random: () => 0 };
  managed.balancer.choose(context);
  const asked = bench.asked.length;
  bench.apply(snapshot(pool({ backends: [B, A, "http://10.0.0.3:80"], retries: 5 })));
  expect(bench.registry.get("default")).toBe(managed);
  expect(managed.balancer.get(a)).toBe(kept);
  expect(kept?.active).toBe(1);
  expect(managed.retries).toBe(5);
  expect(bench.states().sort()).toEqual([`${a} HEALTHY`, `${b} HEALTHY`, "10.0.0.3:80 NOT_INITIATED"]);
  expect(bench.asked.slice(asked).map(({ url }) => url)).toEqual(["http://10.0.0.3"]);
  expect(bench.connections.map(({ id, state }) => `${id} ${state}`)).toEqual([
    `${a} open`,
    `${b} open`,
    "10.0.0.3:80 open",
  ]);
  expect(bench.events.filter(({ kind }) => kind !== "state")).toEqual([
    { pool: "default", backend: "10.0.0.3:80", kind: "joined", by: "config" },
  ]);
});

test("a changed weight counts at once", async () => {
  const bench = await settled(pool({ backends: [A, B] }));
  bench.apply(snapshot(pool({ backends: [{ url: A, weight: 3 }, B] })));
  const choices = bench.choices(8);
  expect(choices.filter((id) => id === a)).toHaveLength(6);
  expect(bench.connections).toHaveLength(2);
});

test("a backend that is gone gets nothing new, and its connections close when what runs there is over", async () => {
  const bench = await settled(pool({ backends: [A, B] }));
  const [first] = bench.connections;
  if (first === undefined) throw new Error("no connections");
  first.busy = true;
  const leaving = bench.registry.get("default").balancer.get(a);
  bench.apply(snapshot(pool({ backends: [B] })));
  expect(bench.choices(2)).toEqual([b, b]);
  expect(first.state).toBe("closing");
  if (leaving !== undefined) expect(bench.registry.get("default").connectionsOf(leaving)).toBe(first);
  await bench.pass(5000);
  first.idle();
  await bench.pass(20_000);
  expect(first.state).toBe("closed");
  expect(bench.events.at(-1)).toEqual({ pool: "default", backend: a, kind: "left", by: "config" });
});

test("what still runs at a backend that is gone is broken off after the grace time", async () => {
  const bench = await settled({ ...pool({ backends: [A, B] }), shutdown: { grace: "3s" } });
  const [first] = bench.connections;
  if (first !== undefined) first.busy = true;
  bench.apply(snapshot({ ...pool({ backends: [B] }), shutdown: { grace: "3s" } }));
  await bench.pass(2900);
  expect(first?.state).toBe("closing");
  await bench.pass(200);
  expect(first?.state).toBe("destroyed");
});

test("a changed scheme is another backend: probed anew, over connections of its own", async () => {
  const bench = await settled(pool({ backends: ["http://10.0.0.1:9000"] }));
  bench.apply(snapshot(pool({ backends: ["https://10.0.0.1:9000"] })));
  expect(bench.states()).toEqual(["10.0.0.1:9000 NOT_INITIATED"]);
  expect(bench.connections.map(({ state, target }) => `${target.protocol} ${state}`)).toEqual([
    "http: closed",
    "https: open",
  ]);
  await bench.pass(0);
  expect(bench.asked.at(-1)?.url).toBe("https://10.0.0.1:9000");
  expect(bench.states()).toEqual(["10.0.0.1:9000 HEALTHY"]);
});

test("changed time-outs or certificates make new connections, and the old ones finish", async () => {
  const config = snapshot(pool({ backends: ["https://10.0.0.1"] }));
  const bench = new Bench();
  bench.apply(config, { default: { rejectUnauthorized: true, ca: "old" } });
  await bench.pass(0);
  bench.apply(config, { default: { rejectUnauthorized: true, ca: "old" } });
  expect(bench.connections).toHaveLength(1);
  bench.apply(config, { default: { rejectUnauthorized: false, ca: "new" } });
  bench.apply(snapshot(pool({ backends: ["https://10.0.0.1"], timeouts: { head: "7s" } })), {
    default: { rejectUnauthorized: false, ca: "new" },
  });
  expect(bench.connections.map(({ state, options }) => `${state} ${options.tls.ca} ${options.headTimeout}`)).toEqual([
    "closed old 30000",
    "closed new 30000",
    "open new 7000",
  ]);
  const managed = bench.registry.get("default");
  const [backend] = managed.balancer.backends;
  if (backend !== undefined) expect(managed.connectionsOf(backend)).toBe(bench.connections[2]);
  expect(bench.states()).toEqual(["10.0.0.1:443 HEALTHY"]);
  await bench.pass(1100);
  expect(bench.asked.at(-1)?.tls).toEqual({ verify: false, ca: "new" });
});

describe("changed checks", () => {
  test("go on from what is known", async () => {
    const bench = await settled(pool({ backends: [A] }));
    bench.answers.set("http://10.0.0.1", "status 500");
    await bench.pass(1200);
    bench.apply(snapshot(pool({ backends: [A], health: { failures: 2, interval: "200ms" } })));
    expect(bench.registry.get("default").status().backends[0]?.failures).toBe(1);
    await bench.pass(200);
    expect(bench.states()).toEqual([`${a} UNREACHABLE`]);
  });

  test("keep an ejected backend aside until a good check", async () => {
    const bench = await settled(pool({ backends: [A, B] }));
    bench.registry.get("default").health.reportRefused(a);
    bench.answers.set("http://10.0.0.1", "connection refused");
    bench.apply(snapshot(pool({ backends: [A, B], health: { interval: "500ms" } })));
    await bench.pass(100);
    expect(bench.states()[0]).toBe(`${a} HEALTHY EJECTED`);
    expect(bench.events.filter(({ kind }) => kind === "ejected")).toHaveLength(1);
    bench.answers.clear();
    await bench.pass(600);
    expect(bench.states()[0]).toBe(`${a} HEALTHY`);
  });

  test("turned off: every backend serves, ejected ones too, and no timer is left; turned on: probed at once", async () => {
    const bench = await settled(pool({ backends: [A, B] }));
    bench.registry.get("default").health.reportRefused(a);
    bench.apply(snapshot(pool({ backends: [A, B], health: false, outlier: false })));
    expect(new Set(bench.choices(2))).toEqual(new Set([a, b]));
    expect(bench.scheduler.pending).toBe(0);
    const asked = bench.asked.length;
    bench.apply(snapshot(pool({ backends: [A, B] })));
    expect(bench.asked).toHaveLength(asked + 2);
    expect(new Set(bench.choices(2))).toEqual(new Set([a, b]));
  });
});

describe("pools", () => {
  const two = (): ReturnType<typeof snapshot> =>
    snapshot({ pools: { default: { backends: [A] }, other: { backends: [B] } } });

  test("one that is gone serves exchanges that began before, until the grace time is over", async () => {
    const bench = new Bench();
    bench.apply(two());
    await bench.pass(0);
    const gone = bench.registry.get("other");
    const retire = bench.registry.apply(withBackends(A), {});
    expect(bench.registry.find("other")).toBe(gone);
    retire();
    expect(bench.registry.find("other")).toBeUndefined();
    expect(() => bench.registry.get("other")).toThrow("no pool other");
    expect(gone.balancer.usable).toBe(true);
    const asked = bench.asked.length;
    await bench.pass(9000);
    expect(bench.asked.slice(asked).every(({ url }) => url === "http://10.0.0.1")).toBe(true);
    expect(bench.connections.map(({ state }) => state)).toEqual(["open", "open"]);
    await bench.pass(2000);
    expect(bench.connections.map(({ state }) => state)).toEqual(["open", "destroyed"]);
  });

  test("closing ends every check and every connection, retired ones and draining ones included", async () => {
    const bench = new Bench();
    bench.apply(two());
    await bench.pass(0);
    for (const connections of bench.connections) connections.busy = true;
    bench.registry.apply(snapshot({ pools: { default: { backends: ["http://10.0.0.9"] } } }), {})();
    await bench.registry.close();
    expect(bench.connections.map(({ state }) => state)).toEqual(["destroyed", "destroyed", "destroyed"]);
    const asked = bench.asked.length;
    await bench.pass(60_000);
    expect(bench.asked).toHaveLength(asked);
  });
});
