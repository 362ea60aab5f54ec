import type { BackendId } from "@headgate/balancer";
import type { ConfigInput } from "../src/config/schema.ts";
import { Bench, EPOCH, snapshot } from "./control-support.ts";

const URLS = [1, 2, 3, 4].map((n) => `http://10.0.0.${n}`);
const a = "10.0.0.1:80" as BackendId;

type PoolInput = NonNullable<ConfigInput["pools"]>[string];

async function settled(pool: Partial<PoolInput> = {}, count = 4): Promise<Bench> {
  const bench = new Bench();
  bench.apply(snapshot({ pools: { default: { backends: URLS.slice(0, count), ...pool } } }));
  await bench.pass(0);
  return bench;
}

/** So many attempts at the first backend end so. */
function ends(bench: Bench, status: number | null, times: number): void {
  const { health } = bench.registry.get("default");
  for (let i = 0; i < times; i++) health.attemptEnded(a, status, 1);
}

const kinds = (bench: Bench): unknown[] =>
  bench.events.filter(({ kind }) => kind !== "state").map((event) => ("reason" in event ? event.reason : event.kind));

test("five faults in a row put a backend aside; a good check that begins later takes it back the first time", async () => {
  const bench = await settled();
  ends(bench, null, 4);
  ends(bench, 200, 1);
  ends(bench, 502, 4);
  expect(bench.states()[0]).toBe(`${a} HEALTHY`);
  ends(bench, 502, 1);
  expect(bench.states()[0]).toBe(`${a} HEALTHY EJECTED`);
  expect(bench.registry.get("default").status().backends[0]?.ejection).toEqual({
    ...{ reason: "consecutive-faults", times: 1 },
    ...{ at: EPOCH, until: EPOCH + 30_000 },
  });
  await bench.pass(1200);
  expect(bench.states()[0]).toBe(`${a} HEALTHY`);
  expect(kinds(bench)).toEqual(["consecutive-faults", "readmitted"]);
});

test("a second time, only time takes it back", async () => {
  const bench = await settled();
  ends(bench, null, 5);
  await bench.pass(1200);
  ends(bench, null, 5);
  await bench.pass(59_000);
  expect(bench.states()[0]).toBe(`${a} HEALTHY EJECTED`);
  await bench.pass(1000);
  expect(bench.states()[0]).toBe(`${a} HEALTHY`);
});

test("answers of 500 are faults by choice only", async () => {
  const faults = await settled();
  ends(faults, 500, 50);
  expect(faults.states()[0]).toBe(`${a} HEALTHY`);
  const fives = await settled({ outlier: { consecutive5xx: 3 } });
  ends(fives, 500, 3);
  expect(fives.states()[0]).toBe(`${a} HEALTHY EJECTED`);
});

test("the last that is usable is never put aside, nor more than the share", async () => {
  const alone = await settled({}, 1);
  ends(alone, null, 50);
  expect(alone.states()).toEqual([`${a} HEALTHY`]);
  const bench = await settled();
  const { health, balancer } = bench.registry.get("default");
  for (const { id } of balancer.backends) for (let i = 0; i < 5; i++) health.attemptEnded(id, null, 1);
  expect(bench.states().filter((state) => state.endsWith("EJECTED"))).toHaveLength(1);
});

test("without checks a refused connection is a fault like others, and time takes back", async () => {
  const bench = await settled({ health: false });
  const { health } = bench.registry.get("default");
  for (let i = 0; i < 4; i++) health.reportRefused(a);
  expect(bench.states()[0]).toBe(`${a} HEALTHY`);
  health.reportRefused(a);
  expect(bench.states()[0]).toBe(`${a} HEALTHY EJECTED`);
  await bench.pass(30_000);
  expect(bench.states()[0]).toBe(`${a} HEALTHY`);
  expect(kinds(bench)).toEqual(["consecutive-faults", "readmitted"]);
});

test("the flag has one owner: who was put aside for two reasons comes back when both are over", async () => {
  const bench = await settled();
  bench.answers.set("http://10.0.0.1", "connection refused");
  ends(bench, null, 5);
  await bench.pass(1200);
  ends(bench, null, 5);
  bench.registry.get("default").health.reportRefused(a);
  bench.answers.clear();
  await bench.pass(30_100);
  expect(bench.states()[0]).toBe(`${a} HEALTHY`);
  expect(kinds(bench)).toEqual(["consecutive-faults", "readmitted"]);
});

test("changed checks keep it aside; changed rules of its own, or none, take it back", async () => {
  const pool = { backends: URLS };
  const bench = await settled();
  bench.answers.set("http://10.0.0.1", "status 500");
  ends(bench, null, 5);
  const interval = { health: { interval: "900ms" } };
  bench.apply(snapshot({ pools: { default: { ...pool, ...interval } } }));
  expect(bench.states()[0]).toBe(`${a} HEALTHY EJECTED`);
  bench.apply(snapshot({ pools: { default: { ...pool, health: false } } }));
  expect(bench.states()[0]).toBe(`${a} HEALTHY EJECTED`);
  bench.apply(snapshot({ pools: { default: { ...pool, health: false, outlier: false } } }));
  expect(bench.states()[0]).toBe(`${a} HEALTHY`);
  ends(bench, null, 50);
  expect(bench.states()[0]).toBe(`${a} HEALTHY`);
});

test("slow backends are put aside by choice, and a backend that left is forgotten", async () => {
  const bench = await settled({ outlier: { latency: { minimumRequests: 5 } } });
  const { health, balancer } = bench.registry.get("default");
  for (const { id } of balancer.backends)
    for (let i = 0; i < 5; i++) health.attemptEnded(id, 200, id === a ? 2000 : 10);
  bench.answers.set("http://10.0.0.1", "status 500");
  await bench.pass(10_000);
  expect(bench.registry.get("default").status().backends[0]?.ejection?.reason).toBe("latency");
  bench.registry.get("default").remove(a);
  health.attemptEnded(a, null, 1);
  expect(bench.states()).toHaveLength(3);
});
