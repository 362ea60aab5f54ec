import type { BackendId } from "@headgate/balancer";
import type { ConfigInput } from "../../src/config/schema.ts";
import type { DnsAnswer } from "../../src/control/discovery/dns-answer.ts";
import { Bench, snapshot } from "../control-support.ts";

const STATIC = "http://10.0.0.9:80";

type PoolInput = NonNullable<ConfigInput["pools"]>[string];

const withPool = (pool: PoolInput) => snapshot({ pools: { default: pool } });

const byDns = (dns: object = {}, pool: object = {}) =>
  withPool({ discovery: { dns: { name: "api.internal", port: 8000, family: "ipv4", ...dns } }, ...pool });

const answer = (...addresses: string[]): DnsAnswer => ({ kind: "records", addresses, services: [], ttl: 5000 });

const A = "A api.internal";

/** A pool that has found these. */
async function found(...addresses: string[]): Promise<Bench> {
  const bench = new Bench();
  bench.dns.set(A, answer(...addresses));
  bench.apply(byDns());
  await bench.pass(10);
  return bench;
}

const ids = (bench: Bench): string[] => bench.registry.get("default").balancer.backends.map(({ id }) => id);

const changes = (bench: Bench): string[] =>
  bench.events.flatMap((event) =>
    event.kind === "joined" || event.kind === "left" ? [`${event.kind} ${event.backend} ${event.by}`] : [],
  );

describe("by DNS", () => {
  test("backends join once their name is answered, and serve once a check found them well", async () => {
    const bench = await found("10.0.0.1", "10.0.0.2");
    expect(bench.states()).toEqual(["10.0.0.1:8000 HEALTHY", "10.0.0.2:8000 HEALTHY"]);
    expect(changes(bench)).toEqual(["joined 10.0.0.1:8000 dns", "joined 10.0.0.2:8000 dns"]);
    expect(bench.registry.get("default").status()).toMatchObject({
      discovery: [{ source: "dns", fault: null, faults: 0, pending: false }],
      backends: [{ origin: "dns" }, { origin: "dns" }],
    });
  });

  test("a name is asked for again when its TTL is over, and not before", async () => {
    const bench = await found("10.0.0.1");
    await bench.pass(4900);
    expect(bench.questions).toEqual([A]);
    await bench.pass(200);
    expect(bench.questions).toEqual([A, A]);
  });

  test("addresses that come and go join and leave; what is known of the others survives", async () => {
    const bench = await found("10.0.0.1", "10.0.0.2");
    const { balancer } = bench.registry.get("default");
    const kept = balancer.get("10.0.0.2:8000" as BackendId);
    const connections = bench.connections.find(({ id }) => id === "10.0.0.2:8000");
    balancer.setDraining("10.0.0.2:8000" as BackendId, true);
    bench.dns.set(A, answer("10.0.0.2", "10.0.0.3"));
    await bench.pass(5100);
    expect(ids(bench)).toEqual(["10.0.0.2:8000", "10.0.0.3:8000"]);
    expect(balancer.get("10.0.0.2:8000" as BackendId)).toBe(kept);
    expect(connections?.state).toBe("open");
    expect(bench.states()).toEqual(["10.0.0.2:8000 HEALTHY DRAINING", "10.0.0.3:8000 HEALTHY"]);
    expect(bench.connections.find(({ id }) => id === "10.0.0.1:8000")?.state).toBe("closed");
    expect(changes(bench).slice(2)).toEqual(["left 10.0.0.1:8000 dns", "joined 10.0.0.3:8000 dns"]);
  });

  test("a dead server is told once, and its last answer stays", async () => {
    const bench = await found("10.0.0.1");
    bench.dns.set(A, { kind: "failed", reason: "connection refused" });
    await bench.pass(120_000);
    expect(ids(bench)).toEqual(["10.0.0.1:8000"]);
    const fault = `${A}: connection refused`;
    expect(bench.discovered).toEqual([{ pool: "default", source: "dns", fault }]);
    const [status] = bench.registry.get("default").status().discovery;
    expect(status).toMatchObject({ fault });
    expect(status?.faults).toBeGreaterThan(10);
    bench.dns.set(A, answer("10.0.0.1"));
    await bench.pass(10_000);
    expect(bench.discovered.at(-1)).toEqual({ pool: "default", source: "dns", fault: null });
    expect(changes(bench)).toEqual(["joined 10.0.0.1:8000 dns"]);
  });

  test("an empty answer takes them away after `hold`", async () => {
    const bench = await found("10.0.0.1");
    bench.dns.delete(A);
    await bench.pass(34_900);
    expect(ids(bench)).toEqual(["10.0.0.1:8000"]);
    await bench.pass(200);
    expect(ids(bench)).toEqual([]);
    expect(bench.choices(1)).toEqual(["empty"]);
  });

  test("a new pool is waited for until its first answer, and no longer than for that", async () => {
    const bench = new Bench();
    bench.dns.set(A, answer("10.0.0.1"));
    bench.apply(byDns());
    const { health } = bench.registry.get("default");
    expect({ gathering: health.gathering, settled: health.settled }).toEqual({ gathering: true, settled: false });
    const waited = health.whenSettled();
    await bench.pass(10);
    await waited;
    expect({ gathering: health.gathering, settled: health.settled }).toEqual({ gathering: false, settled: true });

    const failed = new Bench();
    failed.dns.set(A, { kind: "failed", reason: "no answer in time" });
    failed.apply(byDns());
    const over = failed.registry.get("default").health.whenSettled();
    await failed.pass(10);
    await over;
    expect(failed.choices(1)).toEqual(["empty"]);
  });

  test("backends of the config are there at once, and those found beside them", async () => {
    const bench = new Bench();
    bench.dns.set(A, answer("10.0.0.1"));
    bench.apply(byDns({}, { backends: [STATIC] }));
    expect(ids(bench)).toEqual(["10.0.0.9:80"]);
    await bench.pass(10);
    expect(ids(bench)).toEqual(["10.0.0.9:80", "10.0.0.1:8000"]);
  });

  test("certificates, also those that checks see, are checked against the name; `tls.servername` goes before it", async () => {
    for (const [tls, servername] of [
      [{}, "api.internal"],
      [{ servername: "other.internal" }, "other.internal"],
    ] as const) {
      const bench = new Bench();
      bench.dns.set(A, answer("10.0.0.1"));
      bench.apply(byDns({ scheme: "https" }, { backends: ["https://10.0.0.9"], tls }), {
        default: { rejectUnauthorized: true, ...tls },
      });
      await bench.pass(10);
      const names = bench.connections.map(({ id, options }) => [id, options.tls.servername]);
      expect(names).toContainEqual(["10.0.0.1:8000", servername]);
      expect(names).toContainEqual(["10.0.0.9:443", "servername" in tls ? servername : undefined]);
      expect(bench.asked.find(({ url }) => url === "https://10.0.0.1:8000")?.tls.servername).toBe(servername);
    }
  });
});

describe("a reload", () => {
  test("that changes nothing of discovery asks nothing", async () => {
    const bench = await found("10.0.0.1");
    bench.apply(byDns({}, { retries: 1 }));
    await bench.pass(10);
    expect(bench.questions).toEqual([A]);
  });

  test("to another name keeps what was found until that is answered, for `hold` at most", async () => {
    const bench = await found("10.0.0.1");
    bench.dns.set("A new.internal", { kind: "failed", reason: "no answer in time" });
    bench.apply(byDns({ name: "new.internal" }));
    await bench.pass(29_000);
    expect(ids(bench)).toEqual(["10.0.0.1:8000"]);
    bench.dns.set("A new.internal", answer("10.0.0.2"));
    await bench.pass(10_000);
    expect(ids(bench)).toEqual(["10.0.0.2:8000"]);
    bench.apply(byDns({ name: "gone.internal" }));
    await bench.pass(30_100);
    expect(ids(bench)).toEqual([]);
  });

  test("without discovery takes what was found away, and nothing is asked any more", async () => {
    const bench = await found("10.0.0.1");
    bench.apply(withPool({ backends: [STATIC] }));
    expect(ids(bench)).toEqual(["10.0.0.9:80"]);
    expect(bench.registry.get("default").status().discovery).toEqual([]);
    bench.questions.length = 0;
    await bench.pass(60_000);
    expect(bench.questions).toEqual([]);
  });
});

test("without its pool, and when the gateway stops, no timer and no watcher is left", async () => {
  const config = byDns(
    {},
    { health: false, outlier: false, discovery: { dns: { name: "api.internal" }, file: { path: "/b.json" } } },
  );
  for (const end of [
    (bench: Bench) =>
      bench.apply(
        snapshot({ pools: { other: { backends: [STATIC], health: false, outlier: false } }, shutdown: { grace: 10 } }),
      ),
    (bench: Bench) => bench.registry.close(),
  ]) {
    const bench = new Bench();
    bench.apply(config);
    await bench.pass(10);
    bench.registry.get("default").add("http://10.0.0.8", 1, 5000);
    expect(bench.files.size).toBe(1);
    await end(bench);
    await bench.pass(20);
    expect(bench.files.size).toBe(0);
    expect(bench.scheduler.pending).toBe(0);
  }
});

test("a file's list is taken over; while it is wrong, the last one stays", async () => {
  const bench = new Bench();
  bench.apply(withPool({ discovery: { file: { path: "/b.yaml" } } }));
  const file = bench.files.get("/b.yaml");
  file?.onList([{ url: "http://10.0.0.1", weight: 2, priority: 1 }]);
  await bench.pass(10);
  expect(bench.registry.get("default").status().backends).toMatchObject([{ origin: "file", weight: 2, priority: 1 }]);
  file?.onFault("/b.yaml:1:1: found what is not YAML");
  file?.onFault("/b.yaml:1:1: found what is not YAML");
  expect(ids(bench)).toEqual(["10.0.0.1:80"]);
  expect(bench.discovered).toHaveLength(1);
  file?.onFault(null);
  file?.onList([]);
  expect(changes(bench)).toEqual(["joined 10.0.0.1:80 file", "left 10.0.0.1:80 file"]);
});

describe("leases", () => {
  const leased = "http://10.0.0.1:8000";
  const until = (bench: Bench): (number | null)[] =>
    bench.registry
      .get("default")
      .status()
      .backends.map(({ leaseUntil }) => leaseUntil && leaseUntil - bench.clock.now());

  test("keep a backend for their time, are renewed by being asked for again, and end in silence", async () => {
    const bench = new Bench();
    bench.apply(withPool({ backends: [] }));
    const pool = bench.registry.get("default");
    pool.add(leased, 1, 3000);
    expect(until(bench)).toEqual([3000]);
    await bench.pass(2000);
    pool.add(leased, 1, 3000);
    await bench.pass(2900);
    expect(until(bench)).toEqual([100]);
    expect(changes(bench)).toEqual([]);
    await bench.pass(200);
    expect(ids(bench)).toEqual([]);
    expect(changes(bench)).toEqual(["left 10.0.0.1:8000 lease"]);
  });

  test("end where the backend is added for good, where it is removed, and where the config lists it", async () => {
    for (const end of [
      (bench: Bench) => bench.registry.get("default").add(leased, 1),
      (bench: Bench) => bench.registry.get("default").remove("10.0.0.1:8000" as BackendId),
      (bench: Bench) => bench.apply(withPool({ backends: [leased], health: false, outlier: false })),
    ]) {
      const bench = new Bench();
      bench.apply(withPool({ backends: [], health: false, outlier: false }));
      bench.registry.get("default").add(leased, 1, 3000);
      end(bench);
      const left = ids(bench);
      await bench.pass(10_000);
      expect(bench.scheduler.pending).toBe(0);
      expect(ids(bench)).toEqual(left);
      expect(
        bench.registry
          .get("default")
          .status()
          .backends.every(({ leaseUntil }) => leaseUntil === null),
      ).toBe(true);
    }
  });

  test("of a backend that is found as well leave it as found", async () => {
    const bench = await found("10.0.0.1");
    bench.registry.get("default").add(leased, 5, 3000);
    await bench.pass(3100);
    expect(bench.registry.get("default").status().backends).toMatchObject([{ origin: "dns", weight: 1 }]);
    expect(changes(bench)).toEqual(["joined 10.0.0.1:8000 dns"]);
  });
});
